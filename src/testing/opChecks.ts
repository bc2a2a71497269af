import type { Arithmetic, Backend } from "../backends/backend.ts";
import { interpretBackendWith } from "../backends/interpret/backend.ts";
import { sizeOf } from "../base/shape.ts";
import { accessesOfNest, type Nest } from "../ir/contraction.ts";
import type { Ref } from "../ir/types.ts";
import type { Op } from "../ops/op.ts";
import {
  gradientOf,
  nestsIn,
  type OpProgram,
  oneSampleOf,
  runtimeNumbers,
  SAMPLES,
  sampleInputs,
} from "./opProgram.ts";
import { backendStorage, float64Storage, type Storage } from "./opStorage.ts";
import { checkClose, checkSame, type Draw, dot, draws, inputsOf, largest, unitValues } from "./values.ts";

type Values = Float64Array;
type Inputs = Readonly<Record<string, Values>>;
const mapInputs = (inputs: Inputs, of: (values: Values) => Values): Inputs =>
  Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, of(values)]));

function referenceOf({ op, sample, yShape }: OpProgram, inputs: Inputs): Values {
  const y = new Float64Array(sizeOf(yShape));
  op.reference(inputs, sample.shapes, y, yShape, sample.attrs, runtimeNumbers);
  return y;
}

/** The operands of an op: its inputs, and the gradient of its output. */
interface Operands {
  readonly inputs: Inputs;
  readonly dy: Values;
}

const operandsOf = ({ op, sample, yShape }: OpProgram, draw: Draw): Operands => ({
  inputs: inputsOf(op, sample, draw),
  dy: draw(sizeOf(yShape), 100),
});

const scratchOf = ({ scratch }: Op, { shapes, attrs }: OpProgram["sample"]): readonly string[] =>
  Object.keys(scratch?.(shapes, attrs) ?? {});

interface Results {
  readonly y: Values;
  /** The gradients of all inputs that have one. */
  readonly gradients: ReadonlyMap<string, Values>;
}

function resultsOf({ op, sample, backward }: OpProgram, storage: Storage, { inputs, dy }: Operands): Results {
  const scratch = scratchOf(op, sample);
  storage.clear();
  for (const name of op.inputs) storage.write(name, inputs[name]!);
  storage.run("forward");
  storage.write("dy", dy);
  const gradients = new Map<string, Values>();
  for (const name of op.inputs) {
    if (op.backward[name] === "identity") gradients.set(name, dy);
    if (!backward.has(name)) continue;
    storage.spoil(scratch);
    storage.run(name);
    gradients.set(name, storage.read(gradientOf(name)));
  }
  return { y: storage.read("y"), gradients };
}

const axesOf = (nest: Nest): readonly string[] => {
  if (nest.kind === "contraction") return nest.axes.map((axis) => axis.name);
  if (nest.kind === "block") return nest.body.flatMap(axesOf);
  if (nest.kind === "store") return [];
  return nest.kind === "loop" ? [nest.axis.name, ...axesOf(nest.body)] : axesOf(nest.body);
};

/**
 * Every nest that is not a contraction must begin with the loop over samples, so that the compiler can run a few samples
 * at a time. An op without an axis n computes with values of the batch only, so its output must be one as well.
 */
function checkSamples(program: OpProgram): void {
  const { op, sample, yShape } = program;
  const nests = nestsIn(program);
  if (!nests.some((nest) => axesOf(nest).includes(SAMPLES))) {
    if (op.output !== "batch") throw new Error(`no nest has the axis n of samples, so the op's output must be "batch"`);
    return;
  }
  const samples = op.output === "batch" ? sample.shapes[op.inputs[0]!]![0] : yShape[0];
  for (const nest of nests)
    if (
      nest.kind !== "contraction" &&
      !(nest.kind === "loop" && nest.axis.name === SAMPLES && nest.axis.extent === samples)
    )
      throw new Error(`a nest does not begin with a loop over n, the ${samples} samples`);
}

/** Throws unless forward writes only y, saved values and scratch space, and each rule only its gradient and scratch space. */
function checkAccesses({ op, sample, forward, backward }: OpProgram): void {
  const { shapes, attrs } = sample;
  const [saves, scratch] = [Object.keys(op.saves?.(shapes, attrs) ?? {}), scratchOf(op, sample)];
  checkUses("forward", forward, ["y", ...saves, ...scratch], [...op.inputs, ...Object.keys(runtimeNumbers)]);
  for (const [name, nests] of backward)
    checkUses(`the rule for ${name}`, nests, [gradientOf(name), ...scratch], [...op.inputs, ...saves, "y", "dy"]);
}

function checkUses(part: string, nests: readonly Nest[], writes: readonly string[], reads: readonly string[]): void {
  const accesses = nests.map(accessesOfNest);
  const inMemory = (refs: readonly Ref[]) => refs.map(({ view }) => view).filter(({ space }) => space === "memory");
  const written = inMemory(accesses.flatMap(({ stores }) => stores)).find(({ name }) => !writes.includes(name));
  if (written) throw new Error(`${part} writes to ${written.name}, which it may only read`);
  const read = inMemory(accesses.flatMap(({ loads }) => loads)).find(
    ({ name }) => !writes.includes(name) && !reads.includes(name),
  );
  if (read) throw new Error(`${part} reads ${read.name}, which holds no value there`);
}

/** Throws unless the first and the last sample give the same results by themselves, as in a tile, as within the batch. */
function checkIndependence(program: OpProgram): void {
  const inputs = sampleInputs(program);
  const count = inputs[0] === undefined ? 1 : program.sample.shapes[inputs[0]]![0]!;
  const isOfSamples = program.op.output !== "batch";
  for (const k of count > 1 ? [0, count - 1] : []) {
    const alone = oneSampleOf(program, k);
    const own = (values: Values) => values.subarray((k * values.length) / count, ((k + 1) * values.length) / count);
    for (const { operands, results } of exactOf(program)) {
      const some = Object.entries(operands.inputs).map(([name, x]) => [name, inputs.includes(name) ? own(x) : x]);
      const dy = isOfSamples ? own(operands.dy) : operands.dy;
      const got = resultsOf(alone, float64Storage(alone), { inputs: Object.fromEntries(some), dy });
      try {
        if (isOfSamples) checkSame("y", got.y, own(results.y));
        for (const [name, dx] of got.gradients)
          if (inputs.includes(name)) checkSame(`gradient of ${name}`, dx, own(results.gradients.get(name)!));
      } catch (cause) {
        throw new Error(
          `sample ${k} alone: ${(cause as Error).message}, as in the batch; a nest may only read its own sample, and its extent of n is not the batch size`,
          { cause },
        );
      }
    }
  }
}

/** The operands of one draw, and results in float64: y from the reference, and all results from the plain nests. */
interface Exact {
  readonly operands: Operands;
  readonly y: Values;
  readonly results: Results;
  /** How far float32 may deviate. */
  readonly bounds: Bounds;
}

const exactResults = new WeakMap<OpProgram, readonly Exact[]>();

/** Results in float64 for each kind of draw, computed once for all back ends. */
function exactOf(program: OpProgram): readonly Exact[] {
  const known = exactResults.get(program);
  if (known) return known;
  const storage = float64Storage(program);
  const exact = Object.values(draws).map((draw): Exact => {
    const operands = operandsOf(program, draw);
    const y = referenceOf(program, operands.inputs);
    const results = resultsOf(program, storage, operands);
    return { operands, y, results, bounds: boundsOf(program, storage, operands, y, results) };
  });
  exactResults.set(program, exact);
  return exact;
}

/** Throws unless the plain nests in float64 agree with the reference, gradients with its slopes, and samples are independent. */
export function checkDefinition(program: OpProgram): void {
  checkSamples(program);
  checkAccesses(program);
  checkIndependence(program);
  for (const { operands, y, results } of exactOf(program)) {
    const allowed = 1e-9 * (1 + largest(y));
    checkClose("y", results.y, y, () => allowed);
    if (program.sample.gradient) checkGivenGradient(program, operands.inputs);
    else checkSlopes(program, operands, y, results.gradients);
  }
}

function checkGivenGradient(program: OpProgram, inputs: Inputs): void {
  const dy = Float64Array.from({ length: sizeOf(program.yShape) }, (_, i) => i + 1);
  const given: Readonly<Record<string, readonly number[] | undefined>> = program.sample.gradient!;
  const { gradients } = resultsOf(program, float64Storage(program), { inputs, dy });
  const without = Object.keys(given).find((name) => !gradients.has(name));
  if (without !== undefined)
    throw new Error(`gradient of ${without}: the sample states it, but backward has no rule for it`);
  for (const [name, dx] of gradients) {
    const want = given[name];
    if (!want) throw new Error(`gradient of ${name}: the sample must state it, as it states others`);
    checkSame(`gradient of ${name}`, dx, Float64Array.from(want));
  }
}

function checkHasRule({ backward }: Op, input: string): void {
  if (backward[input] !== undefined) return;
  const rules = Object.keys(backward).join(", ") || "none";
  throw new Error(`gradient of ${input}: backward has no rule of that name; its rules are: ${rules}`);
}

/** The relative step of finite differences. Small elements move by less than their size, so that they do not cross 0. */
const STEP = 1e-6;

/** Compares gradients with slopes of the reference along a random direction; an input without a gradient must have a slope of 0. */
function checkSlopes(
  program: OpProgram,
  { inputs, dy }: Operands,
  want: Values,
  gradients: Results["gradients"],
): void {
  const { op } = program;
  for (const name of op.inputs) {
    checkHasRule(op, name);
    const dx = gradients.get(name);
    if (op.types?.[name] || op.backward[name] === "constant") continue;
    const x = inputs[name]!;
    const direction = unitValues(x.length, 200).map((value, i) => value * (Math.min(Math.abs(x[i]!), 1) + 1e-3));
    const shifted = (by: number) =>
      referenceOf(program, { ...inputs, [name]: x.map((value, i) => value + by * direction[i]!) });
    const [after, before] = [shifted(STEP), shifted(-STEP)];
    const numeric = dot(
      dy,
      after.map((value, i) => (value - before[i]!) / (2 * STEP)),
    );
    const slope = dx ? dot(dx, direction) : 0;
    const rounding = 1e-9 * dot(dy.map(Math.abs), want.map(Math.abs));
    if (Math.abs(slope - numeric) <= 1e-6 * (1 + Math.abs(numeric)) + rounding) continue;
    throw new Error(
      dx
        ? `gradient of ${name}: the slope along a random direction is ${slope}, expected ${numeric}; if a value is at a kink, state the \`gradient\` in the sample`
        : `gradient of ${name}: the rule is null, but the slope of y along a random direction is ${numeric}; write a rule, or "constant" to treat the input as a constant`,
    );
  }
}

const plainResults = new Map<Arithmetic, WeakMap<OpProgram, readonly Results[]>>();

/** Results of the plain nests on the interpreter in float32, for each kind of draw, computed once. */
async function definitionOf(program: OpProgram, arithmetic: Arithmetic): Promise<readonly Results[]> {
  const known = plainResults.get(arithmetic) ?? new WeakMap<OpProgram, readonly Results[]>();
  plainResults.set(arithmetic, known);
  const found = known.get(program);
  if (found) return found;
  const storage = await backendStorage(program, interpretBackendWith(arithmetic), "plain");
  const results = Object.values(draws).map((draw) => resultsOf(program, storage, operandsOf(program, draw)));
  known.set(program, results);
  return results;
}

/** Throws unless the scheduled nests on a back end give the same bits as the plain nests on the interpreter. Returns the results. */
export async function checkBits(program: OpProgram, backend: Backend): Promise<readonly Results[]> {
  const storage = await backendStorage(program, backend, "scheduled");
  const plain = await definitionOf(program, backend.arithmetic);
  return Object.values(draws).map((draw, k) => {
    const got = resultsOf(program, storage, operandsOf(program, draw));
    checkSame("y, compared with the plain loops", got.y, plain[k]!.y);
    for (const [name, dx] of got.gradients)
      checkSame(`gradient of ${name}, compared with the plain loops`, dx, plain[k]!.gradients.get(name)!);
    return got;
  });
}

/** Throws unless {@link checkBits} passes and float32 is within {@link boundsOf} of float64. */
export async function checkBackend(program: OpProgram, backend: Backend): Promise<void> {
  const results = await checkBits(program, backend);
  exactOf(program).forEach(({ y, results: exact, bounds }, k) => {
    const got = results[k]!;
    checkClose("y", got.y, y, bounds.y);
    for (const [name, dx] of got.gradients)
      checkClose(`gradient of ${name}`, dx, exact.gradients.get(name)!, bounds.gradients.get(name)!);
  });
}

type Bound = (element: number) => number;
interface Bounds {
  readonly y: Bound;
  readonly gradients: ReadonlyMap<string, Bound>;
}

const TOLERANCE = 1e-5;

/**
 * How far float32 may be from float64, for y and for gradients: 1e-5 times the sum of the magnitudes of the terms for a
 * `multilinear` op; times the largest element for an op that `cancels`; else times the element itself plus 0.1 (for
 * gradients, plus 0.1 times the largest dy), since a value near 0 may be a difference of larger numbers.
 */
function boundsOf(program: OpProgram, storage: Storage, { inputs, dy }: Operands, y: Values, results: Results): Bounds {
  const { op } = program;
  const within =
    (sizes: Values): Bound =>
    (i) =>
      TOLERANCE * sizes[i]!;
  const boundsBy = (sizeOfY: Values, sizeOfGradient: (name: string, dx: Values) => Values): Bounds => ({
    y: within(sizeOfY),
    gradients: new Map([...results.gradients].map(([name, dx]) => [name, within(sizeOfGradient(name, dx))])),
  });
  if (op.multilinear) {
    const absolute = (values: Values) => values.map(Math.abs);
    const positive = mapInputs(inputs, absolute);
    const { gradients } = resultsOf(program, storage, { inputs: positive, dy: absolute(dy) });
    return boundsBy(referenceOf(program, positive), (name) => gradients.get(name)!);
  }
  const sizes = (values: Values, nothing: number): Values =>
    op.cancels ? values.slice().fill(largest(values)) : values.map((value) => Math.abs(value) + 0.1 * nothing);
  return boundsBy(sizes(y, 1), (_, dx) => sizes(dx, Math.max(1, largest(dy))));
}
