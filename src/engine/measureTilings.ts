import type { Backend, Kernels } from "../backends/backend.ts";
import { compile } from "../compiler/compile.ts";
import { allocate } from "../compiler/memory.ts";
import { likelyTilings } from "../compiler/schedule/cost.ts";
import { alone, contractionKey, isTimeable, type Tilings } from "../compiler/schedule/measured.ts";
import { tileContraction } from "../compiler/schedule/tile.ts";
import type { ProgramSpec } from "../compiler/spec.ts";
import type { Contraction } from "../ir/contraction.ts";
import type { Tiling } from "../ir/tiling.ts";
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
}

/** The contractions of programs that are not known, by their keys. */
function contractionsOf(specs: readonly ProgramSpec[], { machine }: Backend, known: Tilings) {
  const found = new Map<string, Contraction>();
  const tilingOf = (c: Contraction) => {
    const key = contractionKey(c);
    if (isTimeable(c) && !(key in known)) found.set(key, c);
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

/** The least seconds of a call in one turn. */
function secondsOf(call: () => void): number {
  let calls = 1;
  while (clock(call, calls) < CLOCKED_SECONDS) calls *= 2;
  let least = Number.POSITIVE_INFINITY;
  for (let passed = 0; passed < TURN_SECONDS; ) {
    const seconds = clock(call, calls);
    passed += seconds;
    least = Math.min(least, seconds);
  }
  return least / calls;
}

/** The least seconds of each kernel, which take turns. */
function timed(names: readonly string[], kernels: Kernels): readonly number[] {
  const turns = Array.from({ length: TURNS }, () => names.map((name) => secondsOf(() => kernels.get(name)!())));
  return names.map((_, k) => Math.min(...turns.map((turn) => turn[k]!)));
}

/**
 * Times the likeliest tilings of each contraction of some programs on this machine, one after the other and alone, and
 * yields the fastest of each. `known` are left out. Weights do not depend on it: all tilings give the same bits.
 */
export async function* measureTilings(
  specs: readonly ProgramSpec[],
  backend: Backend,
  known: Tilings = {},
): AsyncGenerator<MeasuredTiling & { readonly of: number }> {
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
  const code = await backend.build(
    trials.flatMap(({ kernels }) => kernels),
    layout,
    size,
  );
  const loaded = await backend.load(code, allocateMemory(size));
  for (const { key, tilings, kernels } of trials) {
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
