import { configure, defineLayer, defineOp, type LayerOptions, layerSchema, registerLayer } from "inkling/extend";
import {
  add,
  at,
  bind,
  constant,
  elementwise,
  fma,
  greater,
  less,
  load,
  max,
  min,
  mul,
  one,
  select,
  type Value,
  zero,
} from "inkling/ir";
import type { InferOutput } from "valibot";

const [three, six, third, sixth, half] = [3, 6, 1 / 3, 1 / 6, 0.5].map(constant) as [Value, Value, Value, Value, Value];

/** x · relu6(x + 3) / 6 */
const exampleSwishOf = (x: Value): Value => mul(x, mul(max(zero, min(six, add(x, three))), sixth));

/** The slope: 0 for x ≤ −3, 1 for x ≥ 3, and x/3 + ½ in between. */
const slopeOf = (x: Value): Value =>
  select(greater(x, constant(-3)), select(less(x, three), fma(x, third, half), one), zero);

/**
 * y = x · relu6(x + 3) / 6, for any shape: swish without an exponential. The slope is 0 at −3 and 1 at 3.
 *
 * Same as PyTorch's `Hardswish`. Source: Howard et al., "Searching for MobileNetV3", ICCV 2019.
 */
export const exampleSwishOp = defineOp()({
  name: "exampleSwish",
  inputs: ["x"],
  infer: ({ x }) => x,
  forward: ({ x }, y) => [elementwise(y, (i) => bind("x", load(at(x, ...i)), exampleSwishOf))],
  backward: {
    x: ({ x }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), bind("x", load(at(x, ...i)), slopeOf)))],
  },
  reference({ x }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = (value * Math.min(Math.max(value + 3, 0), 6)) / 6;
    });
  },
  samples: [
    { shapes: { x: [3, 4] }, attrs: {} },
    { shapes: { x: [2, 3, 5, 7] }, attrs: {} },
    // At kinks, a sample states the gradient for dy = 1, 2, 3, …
    { shapes: { x: [1, 4] }, attrs: {}, values: { x: [-3, 3, -100, 100] }, gradient: { x: [0, 2, 0, 4] } },
  ],
});

const schema = layerSchema("exampleSwish", {});
export type ExampleSwishConfig = InferOutput<typeof schema>;

const exampleSwishType = defineLayer<ExampleSwishConfig>({
  type: "exampleSwish",
  schema,
  build: (builder, [x]) => builder.apply(exampleSwishOp, { x }, {}),
});
registerLayer(exampleSwishType);

/** Hard swish: y = x · relu6(x + 3) / 6, for any shape. */
export const exampleSwish = (options: LayerOptions = {}): ExampleSwishConfig => configure(exampleSwishType, options);
