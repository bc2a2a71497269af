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

/** How many of the tilings that the model likes are timed, in how many turns. */
const MOST = 6;
const TURNS = 5;
/** A turn, and the calls that are timed together: few, so that most are not interrupted by another process. */
const TURN_SECONDS = 0.002;
const CLOCKED_SECONDS = 0.00002;
/** A tiling takes the place of the one that the model likes best where it takes no more than this share of its time. */
const CLEARLY_FASTER = 0.97;

/** A contraction whose tilings were timed. */
export interface MeasuredTiling {
  readonly key: string;
  readonly tiling: Tiling;
  /** Seconds with this tiling, and with the one that the model likes best. */
  readonly seconds: number;
  readonly expectedSeconds: number;
  /** How many contractions are timed in all. */
  readonly of: number;
}

/** The contractions of programs that no known tiling fits, by their keys. */
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

/** The least seconds of a call in one turn. A clock may be coarse, so what is too short to be read does not count. */
function secondsOf(call: () => void): number {
  let calls = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let passed = 0; passed < TURN_SECONDS; ) {
    const seconds = clock(call, calls);
    if (seconds < CLOCKED_SECONDS) calls *= 2;
    else {
      passed += seconds;
      least = Math.min(least, seconds / calls);
    }
  }
  return least;
}

/** The least seconds of each kernel, which take turns. */
function timed(names: readonly string[], kernels: Kernels): readonly number[] {
  const turns = Array.from({ length: TURNS }, () => names.map((name) => secondsOf(() => kernels.get(name)!())));
  return names.map((_, k) => Math.min(...turns.map((turn) => turn[k]!)));
}

/**
 * Times the likeliest tilings of each contraction of some programs on this machine, one after the other and alone, and
 * yields the fastest of each. `known` are left out. Weights do not depend on it: all tilings give the same bits. Yields
 * nothing where the back end cannot build and another takes its place.
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
    await new Promise((resolve) => setTimeout(resolve)); // for signals, and for what a page has to draw
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
