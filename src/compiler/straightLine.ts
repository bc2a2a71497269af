import { affine, axisIndex } from "../ir/affine.ts";
import { constant, loop, store } from "../ir/build.ts";
import type { Machine } from "../ir/machine.ts";
import { accessesOf, buffersOf, rewriteStmt } from "../ir/traverse.ts";
import type { Axis, Ref, Stmt, View } from "../ir/types.ts";
import { at, bytesOf, memory, spanOf } from "../ir/view.ts";
import type { Tensor } from "../ops/graph.ts";
import { withoutDeadStores } from "./deadStores.ts";
import { place } from "./memory.ts";
import type { ProgramSpec } from "./plan.ts";
import { nodesOf, planProgram } from "./program.ts";
import { substitution } from "./schedule/fuseAxes.ts";
import { schedule } from "./schedule/schedule.ts";
import { ARENA, PART, STEP, TILE } from "./storage.ts";

/** One function of a straight-line program: a statement that reads no axis from outside. */
export interface Step {
  readonly name: string;
  readonly body: Stmt;
}

/** A program for one sample: functions without parameters, called in order. It has no groups, tiles or threads. */
export interface StraightLine {
  /** Computes what depends on the state alone, such as packed weights, in order: once, ahead of time. */
  readonly constants: readonly Step[];
  readonly steps: readonly Step[];
  /** Where the steps find a tensor, with its halo. */
  readonly view: (t: Tensor) => View;
  /** Every buffer that the steps read or write, whole, by name. */
  readonly buffers: ReadonlyMap<string, View>;
}

/**
 * Plans a program with a batch of one sample. Buffers with a halo are zeroed before their first write; what reaches no
 * output is left out.
 */
export function straightLine(spec: ProgramSpec, machine: Machine): StraightLine {
  if (spec.batch !== 1 || spec.steps !== 1)
    throw new Error(`${spec.name}: a straight line is for one sample, not ${spec.batch} × ${spec.steps}`);
  const program = planProgram(spec, machine);
  const all = program.phases.flatMap(({ runs, work }) =>
    runs.flatMap(({ stmts, n }) =>
      stmts.map((stmt, k): Step => {
        // At a barrier, statement k is the body of work k; the work of a segment has one part.
        const parts: Axis = { name: PART, extent: work[k]?.parts ?? 1 };
        const name = stmt.kind === "call" ? stmt.name : (work[k]?.kernel.name ?? spec.name);
        const inner = stmt.kind === "call" ? stmt.body : stmt;
        return { name, body: closed(parts.extent > 1 ? loop(parts, "serial", inner) : inner, n) };
      }),
    ),
  );
  const varying = varyingBuffers(
    all,
    spec.perStep.map((t) => program.view(t).name),
  );
  const varies = ({ body }: Step) => inMemory(accessesOf(body).stores).some((name) => varying.has(name));
  const constants = all.filter((step) => !varies(step));
  const steps = all.filter(varies);
  const outputs = new Set(spec.outputs.map((t) => program.view(t).name));
  const bodies = withoutDeadStores(
    steps.map(({ body }) => body),
    outputs,
  );
  const live = steps.flatMap(({ name }, k): readonly Step[] => (bodies[k] ? [{ name, body: bodies[k] }] : []));
  const wholes = new Map(
    [...spec.perStep, ...nodesOf(spec).flatMap(({ node }) => [...node.writes, ...node.scratch])].map((t) => {
      const whole = program.view(t);
      return [whole.name, { ...whole, origin: affine() }] as const;
    }),
  );
  const buffers = new Map(
    live.flatMap(({ body }) => buffersOf(body)).map((view) => [view.name, wholes.get(view.name) ?? view] as const),
  );
  return { constants, steps: withClearedHalos(live, buffers, machine), view: program.view, buffers };
}

/** The buffers whose values depend on the given ones. All steps that write to such a buffer do so for each sample. */
function varyingBuffers(steps: readonly Step[], given: readonly string[]): ReadonlySet<string> {
  const uses = steps.map(({ body }) => {
    const { stores, loads } = accessesOf(body);
    return { writes: inMemory(stores), all: inMemory([...stores, ...loads]) };
  });
  const varying = new Set(given);
  for (let before = -1; before !== varying.size; ) {
    before = varying.size;
    for (const { writes, all } of uses)
      if (all.some((name) => varying.has(name))) for (const name of writes) varying.add(name);
  }
  return varying;
}

const inMemory = (refs: readonly Ref[]): readonly string[] => [
  ...new Set(refs.flatMap(({ view }) => (view.space === "memory" ? [view.name] : []))),
];

/** The statement with the axes of its caller set to 0: there is one step, part, arena, tile and sample. */
function closed(stmt: Stmt, n: Axis | undefined): Stmt {
  const axes = [STEP, ARENA, TILE, ...(n ? [n.name] : [])];
  const free = stmt.kind === "loop" && stmt.axis.name === PART ? axes : [...axes, PART];
  return rewriteStmt(stmt, substitution(Object.fromEntries(free.map((axis) => [axis, affine()]))));
}

/**
 * Zeroes each buffer with a halo before the step that first writes to it, in a step of its own, so that buffers can share
 * memory from call to call.
 */
function withClearedHalos(
  steps: readonly Step[],
  buffers: ReadonlyMap<string, View>,
  machine: Machine,
): readonly Step[] {
  const cleared = new Set<string>();
  return steps.flatMap((step) => {
    const written = inMemory(accessesOf(step.body).stores).filter((name) => !cleared.has(name));
    for (const name of written) cleared.add(name);
    const clears = written.flatMap((name): readonly Step[] => {
      const view = buffers.get(name)!;
      if (view.halo.flat().every((zeros) => zeros === 0)) return [];
      const all = memory(name, [spanOf(view)], view.type);
      const axis = { name: "i", extent: spanOf(view) };
      const fill = loop(axis, "serial", store(at(all, axisIndex("i")), constant(0)));
      return [{ name: `${name}.clear`, body: schedule(fill, machine) }];
    });
    return [...clears, step];
  });
}

/** Where the buffers of a straight line lie in one block of memory. */
export interface StraightLayout {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<string, number>;
  /** A lower bound on the bytes of any layout: the largest sum of what one step reads and writes, without halos. */
  readonly least: number;
}

/**
 * Assigns an offset to each buffer, live from its first use to its last; those in `elsewhere` get none. Offsets are
 * multiples of `alignment` bytes.
 */
export function layOut(
  { steps, buffers }: StraightLine,
  elsewhere: ReadonlySet<string>,
  alignment = 4,
): StraightLayout {
  const live = new Map<string, { from: number; to: number }>();
  let least = 0;
  for (const [k, { body }] of steps.entries()) {
    const used = buffersOf(body).filter(({ name }) => !elsewhere.has(name));
    for (const { name } of used) live.set(name, { from: live.get(name)?.from ?? k, to: k });
    least = Math.max(
      least,
      used.reduce((sum, { name }) => sum + bytesWithoutHalo(buffers.get(name)!), 0),
    );
  }
  const allocations = [...live].map(([name, span]) => ({ view: buffers.get(name)!, live: span }));
  const { placed, end } = place(
    allocations,
    0,
    (view) => alignment * Math.ceil((spanOf(view) * bytesOf[view.type]) / alignment),
  );
  return { bytes: end, offsets: new Map(placed.map((p) => [p.view.name, p.offset])), least };
}

const bytesWithoutHalo = ({ shape, type }: View): number => shape.reduce((n, extent) => n * extent, bytesOf[type]);
