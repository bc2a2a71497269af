import type { Backend } from "../backends/backend.ts";
import type { Shape } from "../base/shape.ts";
import type { Op, Sample } from "../ops/op.ts";
import { availableBackends } from "./backends.ts";
import { checkBackend, checkDefinition } from "./opChecks.ts";
import { programOf } from "./opProgram.ts";
import { checkRefused, type Test } from "./test.ts";
import { picker } from "./values.ts";

/** How much is tested. */
export interface OpTestOptions {
  /** Default: all that are available here, see {@link availableBackends}. */
  readonly backends?: readonly Backend[];
  /** Samples that the record's `draw` is asked for: 25. */
  readonly draws?: number;
}

const describeSample = ({ shapes, attrs }: Sample<string, unknown>): string =>
  `${JSON.stringify(shapes)} ${JSON.stringify(attrs)}`;

/**
 * The conformance tests of an op. On each of its samples, with inputs in [−1, 1) and up to ±30:
 *
 *   in float64, the forward nests are within 1e-9 of `reference`, relative to its largest element, and along a random direction the gradients are its
 *   slopes, by finite differences; an input whose rule is `null` has none; nests write only what is theirs, and a sample
 *   alone, as in a tile, gives what it gives in the batch
 *   in float32, on each back end, scheduled nests give the bits of the plain loops, and are within 1e-5 of float64: of
 *   the sum of the magnitudes of the terms if the op is `multilinear`, of the largest element if it `cancels`, else of
 *   the element itself plus 0.1 (for gradients, plus 0.1 times the largest dy)
 *
 * And `infer` refuses what `rejects` lists, with those messages.
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
      { name: `is its reference in float64, with its slopes: ${title}`, run: () => checkDefinition(made()) },
      ...backends.map((backend) => ({
        name: `on ${backend.name}, scheduled, in float32: ${title}`,
        run: () => checkBackend(made(), backend),
      })),
    ];
  };
  return [
    { name: "is a whole record", run: () => checkRecord(op) },
    ...op.samples.flatMap(ofSample),
    ...(op.draw ? [{ name: "at random", run: () => checkDrawn(op, backends, draws) }] : []),
    ...(op.rejects ?? []).map(({ message, shapes, attrs }) => ({
      name: `refuses: ${message}`,
      run: () => checkRefused(() => op.infer(shapes, attrs), message),
    })),
  ];
}

/** Throws unless an op has samples, a rule for every input and no other, and names that differ. */
function checkRecord(op: Op): void {
  const [first] = op.samples;
  if (!first) throw new Error(`${op.name}: has no samples`);
  if (op.samples.every(({ shapes }) => Object.values<Shape>(shapes).every(([count]) => count === 1)))
    throw new Error(
      `${op.name}: its samples are of one image only; give one of several, by which it must keep images apart`,
    );
  const rules = Object.keys(op.backward).sort().join(", ");
  const inputs = [...op.inputs].sort().join(", ");
  if (rules !== inputs) throw new Error(`${op.name}: backward has rules for ${rules}, expected ${inputs}`);
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
