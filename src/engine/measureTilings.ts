import type { Backend, Kernels } from "../backends/backend.ts";
import { compile } from "../compiler/compile.ts";
import { allocate } from "../compiler/memory.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import { alone, contractionKey, isTimeable, type Tilings, withTilings } from "../compiler/schedule/measured.ts";
import { tileContraction } from "../compiler/schedule/tile.ts";
import { likelyTilings } from "../compiler/schedule/tilings.ts";
import type { Contraction } from "../ir/contraction.ts";
import type { Tiling } from "../ir/machine.ts";
import type { Kernel } from "../ir/types.ts";
import { allocateMemory, memorySize } from "./engine.ts";

/** How many of the best tilings by the cost model are timed, and in how many rounds. */
const MOST = 6;
const ROUNDS = 5;
/** The length of a round, and of the calls that are timed together: short, so that most are not interrupted. */
const ROUND_SECONDS = 0.002;
const CLOCKED_SECONDS = 0.00002;
/** A tiling replaces the cost model's choice if it takes at most this fraction of its time. */
const CLEARLY_FASTER = 0.97;

/** A contraction whose tilings were timed. */
export interface MeasuredTiling {
  readonly key: string;
  readonly tiling: Tiling;
  /** The seconds of a call with this tiling, and with the cost model's choice. */
  readonly seconds: number;
  readonly expectedSeconds: number;
  /** The total number of contractions that are timed. */
  readonly of: number;
}

/** The contractions of programs without a known tiling, by key. */
function contractionsOf(specs: readonly ProgramSpec[], { machine }: Backend, known: Tilings) {
  const found = new Map<string, Contraction>();
  const { tilingOf: knownOf } = withTilings(machine, known);
  const tilingOf = (c: Contraction) => {
    if (isTimeable(c) && !knownOf!(c)) found.set(contractionKey(c), c);
    return undefined;
  };
  compile(specs, { ...machine, tilingOf });
  return found;
}

function clock(call: () => void, calls: number): number {
  const started = performance.now();
  for (let k = 0; k < calls; k++) call();
  return (performance.now() - started) / 1000;
}

/** The least seconds of a call in one round. Clocks may be coarse, so times that are too short are not counted. */
function secondsOf(call: () => void): number {
  let calls = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let passed = 0; passed < ROUND_SECONDS; ) {
    const seconds = clock(call, calls);
    if (seconds < CLOCKED_SECONDS) calls *= 2;
    else {
      passed += seconds;
      least = Math.min(least, seconds / calls);
    }
  }
  return least;
}

/** The least seconds of each kernel; kernels are timed in alternation. */
function timed(names: readonly string[], kernels: Kernels): readonly number[] {
  const rounds = Array.from({ length: ROUNDS }, () => names.map((name) => secondsOf(() => kernels.get(name)!())));
  return names.map((_, k) => Math.min(...rounds.map((round) => round[k]!)));
}

/**
 * Times the most promising tilings of each contraction of the given programs on this machine, one contraction at a time,
 * and yields the fastest of each. Contractions with a tiling in `known` are skipped. Weights do not depend on the result:
 * all tilings give the same bits. Yields nothing if the back end fails to build and has a fallback.
 */
export async function* measureTilings(
  specs: readonly ProgramSpec[],
  backend: Backend,
  known: Tilings = {},
): AsyncGenerator<MeasuredTiling> {
  const { machine } = backend;
  const trials = [...contractionsOf(specs, backend, known)].map(([key, c], k) => {
    const single = alone(c, `tiling${k}`);
    const tilings = likelyTilings(c, machine, MOST);
    const kernels = tilings.map(
      (tiling, t): Kernel => ({ name: `tiling${k}_${t}`, axes: [], body: tileContraction(single, tiling) }),
    );
    const views = [single.out, single.a, ...(single.b ? [single.b] : [])].map(({ view }) => view);
    return { key, tilings, kernels, allocations: views.map((view) => ({ view, live: { from: k, to: k } })) };
  });
  if (trials.length === 0) return;
  const layout = allocate(trials.flatMap(({ allocations }) => allocations));
  const size = memorySize(layout, false);
  const all = trials.flatMap(({ kernels }) => kernels);
  const code = await backend.build(all, layout, size).catch((failure: unknown) => {
    if (!backend.fallback?.(failure)) throw failure;
  });
  if (!code) return;
  const loaded = await backend.load(code, allocateMemory(size));
  for (const { key, tilings, kernels } of trials) {
    await new Promise((resolve) => setTimeout(resolve)); // lets signals be handled, and a page be drawn
    const seconds = timed(
      kernels.map(({ name }) => name),
      loaded,
    );
    const least = Math.min(...seconds);
    const fastest = least <= CLEARLY_FASTER * seconds[0]! ? seconds.indexOf(least) : 0;
    yield {
      ...{ key, tiling: tilings[fastest]!, of: trials.length },
      ...{ seconds: seconds[fastest]!, expectedSeconds: seconds[0]! },
    };
  }
}
