import type { OptimizerConfig } from "../../src/optimizers/index.ts";
import type { UpdateRule } from "../../src/testing/index.ts";

type Settings = Readonly<Record<string, number>>;

const adam =
  (decoupled: boolean) =>
  ({ beta1, beta2, epsilon }: Settings): UpdateRule =>
  ({ w, dw, scalars: { learningRate }, slots, weightDecay, step }) => {
    const g = decoupled ? dw : dw + weightDecay * w;
    const first = beta1! * slots["first"]! + (1 - beta1!) * g;
    const second = beta2! * slots["second"]! + (1 - beta2!) * g ** 2;
    const [m, s] = [first / (1 - beta1! ** (step + 1)), second / (1 - beta2! ** (step + 1))];
    const from = decoupled ? w - learningRate * weightDecay * w : w;
    return { w: from - (learningRate * m) / (Math.sqrt(s) + epsilon!), slots: { first, second } };
  };

/** The formulas of the optimizers' papers and of PyTorch and Keras: the update of one weight in float64, by type. */
const updates: Readonly<Record<string, (settings: Settings) => UpdateRule>> = {
  adam: adam(false),
  adamw: adam(true),
  lion:
    ({ beta1, beta2 }) =>
    ({ w, dw, scalars: { learningRate }, slots, weightDecay }) => {
      const m = slots["momentum"]!;
      const direction = Math.sign(beta1! * m + (1 - beta1!) * dw);
      const momentum = beta2! * m + (1 - beta2!) * dw;
      return { w: w - learningRate * (direction + weightDecay * w), slots: { momentum } };
    },
  momentum:
    ({ momentum, nesterov }) =>
    ({ w, dw, scalars: { learningRate }, slots, weightDecay }) => {
      const g = dw + weightDecay * w;
      const velocity = momentum! * slots["velocity"]! + g;
      return { w: w - learningRate * (nesterov ? g + momentum! * velocity : velocity), slots: { velocity } };
    },
  rmsprop:
    ({ rho, epsilon }) =>
    ({ w, dw, scalars: { learningRate }, slots, weightDecay }) => {
      const g = dw + weightDecay * w;
      const square = rho! * slots["square"]! + (1 - rho!) * g ** 2;
      return { w: w - (learningRate * g) / (Math.sqrt(square) + epsilon!), slots: { square } };
    },
  sgd:
    () =>
    ({ w, dw, scalars: { learningRate }, weightDecay }) => ({
      w: w - learningRate * (dw + weightDecay * w),
      slots: {},
    }),
};

/** The update of a built-in optimizer with its settings. */
export const updateOf = (optimizer: OptimizerConfig): UpdateRule =>
  updates[optimizer.type]!(optimizer as unknown as Settings);
