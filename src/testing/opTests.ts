import type { Backend } from "../backends/backend.ts";
import type { Shape } from "../base/shape.ts";
import type { Op, Sample } from "../ops/op.ts";
import { availableBackends } from "./backends.ts";
import { checkBackend, checkDefinition } from "./opChecks.ts";
import { programOf } from "./opProgram.ts";
import { checkRefused, type Test } from "./test.ts";
import { picker } from "./values.ts";

/** How an op is tested. */
export interface OpTestOptions {
  /** Default: all that are available, see {@link availableBackends}. */
  readonly backends?: readonly Backend[];
  /** The number of random samples, from the op's `draw`. Default: 25. */
  readonly draws?: number;
}

const describeSample = ({ shapes, attrs }: Sample<string, unknown>): string =>
  `${JSON.stringify(shapes)} ${JSON.stringify(attrs)}`;

/**
 * The conformance tests of an op. On each of its samples, with inputs in [−1, 1) and up to ±30:
 *
 *   in float64, the forward nests agree with `reference` within 1e-9 · (1 + its largest element), and the gradients agree
 *   with its slopes along a random direction, by finite differences; the slope for an input whose rule is `null` is 0;
 *   nests write only to their own outputs; and a sample gives the same results by itself, as in a tile, as in the batch
 *   in float32, on each back end, scheduled nests give the same bits as the plain loops, and agree with float64 within
 *   1e-5 times the sum of the magnitudes of the terms if the op is `multilinear`, the largest element if it `cancels`,
 *   else the element itself plus 0.1 (for gradients, plus 0.1 times the largest dy)
 *
 * In addition, `infer` rejects the cases in `rejects` with the given messages.
 */
export function opTests<I extends string, A, S extends string, T extends string>(
  record: Op<I, A, S, T>,
  options: OpTestOptions = {},
): readonly Test[] {
  const op = record as unknown as Op;
  const { backends = availableBackends(), draws = 25 } = options;
  const ofSample = (sample: Sample<string, unknown>): readonly Test[] => {
    const title = describeSample(sample);
    let program: ReturnType<typeof programOf> | undefined;
    const made = () => {
      program ??= programOf(op, sample);
      return program;
    };
    return [
      { name: `agrees with its reference and slopes in float64: ${title}`, run: () => checkDefinition(made()) },
      ...backends.map((backend) => ({
        name: `agrees on ${backend.name}, scheduled, in float32: ${title}`,
        run: () => checkBackend(made(), backend),
      })),
    ];
  };
  return [
    { name: "is a complete record", run: () => checkRecord(op) },
    ...op.samples.flatMap(ofSample),
    ...(op.draw ? [{ name: "agrees on random samples", run: () => checkDrawn(op, backends, draws) }] : []),
    ...(op.rejects ?? []).map(({ message, shapes, attrs }) => ({
      name: `rejects: ${message}`,
      run: () => checkRefused(() => op.infer(shapes, attrs), message),
    })),
  ];
}

/** Throws unless an op has samples, a rule for each input and no others, and distinct names. */
function checkRecord(op: Op): void {
  const [first] = op.samples;
  if (!first) throw new Error(`${op.name}: has no samples`);
  if (op.samples.every(({ shapes }) => Object.values<Shape>(shapes).every(([count]) => count === 1)))
    throw new Error(
      `${op.name}: every sample has a batch of 1; add one with several images, to test that they are independent`,
    );
  const rules = Object.keys(op.backward).sort().join(", ");
  const inputs = [...op.inputs].sort().join(", ");
  if (rules !== inputs)
    throw new Error(`${op.name}: backward has rules for ${rules || "no input"}, expected ${inputs}`);
  for (const [name, rule] of Object.entries(op.backward))
    if (rule !== null && rule !== "constant" && rule !== "identity" && typeof rule !== "function")
      throw new Error(
        `${op.name}: the rule for ${name} is ${rule}, expected null, "constant", "identity" or a function`,
      );
  const { shapes, attrs } = first;
  const names = [
    ...op.inputs,
    ...Object.keys(op.saves?.(shapes, attrs) ?? {}),
    ...Object.keys(op.scratch?.(shapes, attrs) ?? {}),
  ];
  const repeated = names.find((name, k) => names.indexOf(name) < k);
  if (repeated !== undefined)
    throw new Error(`${op.name}: two of its inputs, saved values and scratch space are named ${repeated}`);
}

async function checkDrawn(op: Op, backends: readonly Backend[], count: number): Promise<void> {
  for (let k = 0; k < count; k++) {
    const sample = op.draw!(picker(k));
    try {
      const program = programOf(op, sample);
      checkDefinition(program);
      for (const backend of backends) await checkBackend(program, backend);
    } catch (cause) {
      throw new Error(`${describeSample(sample)}: ${(cause as Error).message}`, { cause });
    }
  }
}
