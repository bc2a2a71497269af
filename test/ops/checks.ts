import { expect } from "vitest";
import type { Arithmetic, Backend } from "../../src/backends/backend.ts";
import { interpretBackendWith } from "../../src/backends/interpret/backend.ts";
import { sizeOf } from "../../src/base/shape.ts";
import type { Nest } from "../../src/ir/contraction.ts";
import { ops } from "../../src/ops/index.ts";
import type { Op } from "../../src/ops/op.ts";
import { gradientOf, type Program, runtimeNumbers } from "./program.ts";
import { backendStorage, float64Storage, type Storage } from "./storage.ts";
import { beyond, differences, dot, inputsOf, randomValues } from "./values.ts";

/** Every op by its name. */
export const records = Object.entries(ops) as unknown as readonly (readonly [string, Op])[];

type Values = Float64Array;
type Inputs = Readonly<Record<string, Values>>;
const mapInputs = (inputs: Inputs, of: (values: Values) => Values): Inputs =>
  Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, of(values)]));

function referenceOf({ op, sample, yShape }: Program, inputs: Inputs): Values {
  const y = new Float64Array(sizeOf(yShape));
  op.reference(inputs, sample.shapes, y, yShape, sample.attrs, runtimeNumbers);
  return y;
}

const cotangentOf = ({ yShape }: Program) => randomValues(sizeOf(yShape), 100);

/** y and the gradient of every input that has one. */
function resultsOf({ op, backward }: Program, storage: Storage, inputs: Inputs, dy: Values) {
  for (const name of op.inputs) storage.write(name, inputs[name]!);
  storage.run("forward");
  storage.write("dy", dy);
  const gradient = (name: string): Values | undefined => {
    if (op.backward[name] === "identity") return dy;
    if (!backward.has(name)) return undefined;
    storage.run(name);
    return storage.read(gradientOf(name));
  };
  const gradients = op.inputs.flatMap((name) => {
    const dx = gradient(name);
    return dx ? [[name, dx] as const] : [];
  });
  return { y: storage.read("y"), gradients };
}

const axesOf = (nest: Nest): readonly string[] => {
  if (nest.kind === "contraction") return nest.axes.map((axis) => axis.name);
  if (nest.kind === "block") return nest.body.flatMap(axesOf);
  if (nest.kind === "store") return [];
  return nest.kind === "loop" ? [nest.axis.name, ...axesOf(nest.body)] : axesOf(nest.body);
};

/**
 * All loops that are not sums begin with those of the samples, so that the compiler may take a few at a time.
 * An op none of whose nests has such an axis works on values of the batch alone, and so must give one.
 */
function checkSamples({ op, sample, yShape, forward, backward }: Program) {
  const nests = [...forward, ...[...backward.values()].flat()];
  if (!nests.some((nest) => axesOf(nest).includes("n"))) return expect(op.output).toBe("batch");
  const samples = op.output === "batch" ? sample.shapes[op.inputs[0]!]![0] : yShape[0];
  for (const nest of nests)
    if (nest.kind !== "contraction") expect(nest).toMatchObject({ kind: "loop", axis: { name: "n", extent: samples } });
}

/** Plain nests over float64: the values are those of the reference, and its slopes those of the backward rules. */
export function checkDefinition(program: Program) {
  const { op, sample } = program;
  checkSamples(program);
  const [inputs, dy] = [inputsOf(op, sample), cotangentOf(program)];
  const want = referenceOf(program, inputs);
  const { y, gradients } = resultsOf(program, float64Storage(program), inputs, dy);
  expect(beyond(y, want, (i) => 1e-9 * (1 + Math.abs(want[i]!)))).toEqual([]);
  if (sample.gradient) return checkGivenGradient(program, inputs);
  for (const [name, dx] of gradients) {
    const direction = randomValues(dx.length, 200);
    const step = 1e-6;
    const shifted = (by: number) =>
      referenceOf(program, { ...inputs, [name]: inputs[name]!.map((value, i) => value + by * direction[i]!) });
    const [after, before] = [shifted(step), shifted(-step)];
    const numeric = dot(
      dy,
      after.map((value, i) => (value - before[i]!) / (2 * step)),
    );
    const rounding = 1e-9 * dot(dy.map(Math.abs), want.map(Math.abs));
    expect(Math.abs(dot(dx, direction) - numeric), `gradient of ${name}, expected ${numeric}`).toBeLessThan(
      1e-6 * (1 + Math.abs(numeric)) + rounding,
    );
  }
}

function checkGivenGradient(program: Program, inputs: Inputs) {
  const dy = Float64Array.from({ length: sizeOf(program.yShape) }, (_, i) => i + 1);
  const { gradients } = resultsOf(program, float64Storage(program), inputs, dy);
  for (const [name, dx] of gradients) expect([...dx], `gradient of ${name}`).toEqual(program.sample.gradient![name]);
}

const plainResults = new Map<string, WeakMap<Program, ReturnType<typeof resultsOf>>>();

/** What the plain nests give in the interpreter, in float32: computed once. */
async function definitionOf(program: Program, arithmetic: Arithmetic) {
  const known = plainResults.get(arithmetic) ?? new WeakMap();
  plainResults.set(arithmetic, known);
  const plain = async () => {
    const storage = await backendStorage(program, interpretBackendWith(arithmetic), "plain");
    return resultsOf(program, storage, inputsOf(program.op, program.sample), cotangentOf(program));
  };
  const results = known.get(program) ?? (await plain());
  known.set(program, results);
  return results;
}

/** Scheduled nests over float32: the same bits as the plain nests interpreted. */
export async function checkBits(program: Program, backend: Backend) {
  const [inputs, dy] = [inputsOf(program.op, program.sample), cotangentOf(program)];
  const got = resultsOf(program, await backendStorage(program, backend, "scheduled"), inputs, dy);
  const plain = await definitionOf(program, backend.arithmetic);
  expect(differences(got.y, plain.y)).toEqual([]);
  for (const [k, [name, dx]] of got.gradients.entries())
    expect(differences(dx, plain.gradients[k]![1]), `gradient of ${name}`).toEqual([]);
  return got;
}

/** Scheduled nests over float32: the same bits as the plain nests interpreted, and within the bound of the reference. */
export async function checkBackend(program: Program, backend: Backend) {
  const { op, sample } = program;
  const got = await checkBits(program, backend);
  const [inputs, dy] = [inputsOf(op, sample), cotangentOf(program)];

  // An op that is a sum of products is measured by the sum of their magnitudes, and so are its gradients.
  const float64 = (of: (values: Values) => Values) => {
    const y = referenceOf(program, mapInputs(inputs, of));
    return { y, gradients: resultsOf(program, float64Storage(program), mapInputs(inputs, of), of(dy)).gradients };
  };
  const want = float64((values) => values);
  const size = op.multilinear ? float64((values) => values.map(Math.abs)) : undefined;
  const sizesOf = (expected: Values) => {
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return expected.map((value) => (op.cancels ? largest : nearly(value)));
  };
  const check = (what: string, values: Values, expected: Values, sizes: Values = sizesOf(expected)) =>
    expect(
      beyond(values, expected, (i) => 1e-5 * sizes[i]!),
      what,
    ).toEqual([]);
  check("y", got.y, want.y, size?.y);
  for (const [k, [name, dx]] of got.gradients.entries())
    check(`gradient of ${name}`, dx, want.gradients[k]![1], size?.gradients[k]?.[1]);
}

/** The size of a result that is not a sum of products; where it is almost zero the error need not be. */
const nearly = (value: number) => Math.abs(value) + 0.1;
