import { mkdirSync, writeFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { printableLines } from "../../src/base/printable.ts";

const asked = process.env["INKLING_MUTATIONS"];

/** The number of mutated inputs that each parser is given: few in CI, 1,000,000 in `npm run fuzz`. */
export const mutations = (few: number): number => Number(asked ?? few);
/** Seeds of real size, and limits of time and memory, belong to a long run: both take time, and a process of its own. */
export const isLong = asked !== undefined;
/** Other numbers give other inputs. */
const seed = Number(process.env["INKLING_SEED"] ?? 1);
/** Long enough for any test of mutations. */
export const timeout = 86_400_000;

/** A generator of numbers below n, the same for each seed (mulberry32). */
export function generator(first: number): (n: number) => number {
  let state = first >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n) >>> 0;
  };
}

type Below = (n: number) => number;

/** Bytes at which parsers of numbers and of texts go wrong. */
const telling = [0, 1, 0x7f, 0x80, 0xfe, 0xff, 0x20, 0x28, 0x2e, 0x30, 0x39, 0x0a, 0x22, 0x2c];

type Change = (bytes: Uint8Array, at: number, below: Below) => Uint8Array;
const changes: readonly Change[] = [
  (bytes, at, below) => bytes.with(at, below(256)),
  (bytes, at, below) => bytes.with(at, bytes[at]! ^ (1 << below(8))),
  (bytes, at, below) => bytes.with(at, telling[below(telling.length)]!),
  (bytes, at, below) => bytes.slice().fill(telling[below(telling.length)]!, at, at + 1 + below(8)),
  (bytes, at) => bytes.slice(0, at),
  (bytes, at, below) => joined(bytes.subarray(0, at), bytes.subarray(at + 1 + below(16))),
  (bytes, at, below) => joined(bytes.subarray(0, at), bytes.subarray(below(bytes.length))),
  (bytes, at, below) => joined(bytes.subarray(0, at), Uint8Array.of(below(256)), bytes.subarray(at)),
  (bytes, at, below) => {
    const from = below(bytes.length);
    const piece = bytes.subarray(from, from + below(64));
    const times = below(4) === 0 ? 1 + below(64) : 1;
    return joined(bytes.subarray(0, at), ...Array<Uint8Array>(times).fill(piece), bytes.subarray(at));
  },
];

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** The bytes with one to four changes: half of them in the first bytes, where headers are, and some in the last ones. */
export function mutate(bytes: Uint8Array, below: Below): Uint8Array {
  let mutated = Uint8Array.from(bytes);
  for (let left = 1 + below(4); left > 0 && mutated.length > 0; left--) {
    const { length } = mutated;
    const reach = Math.min(length, [128, 4096, 512, length][below(4)]!);
    const at = reach === 512 ? length - 1 - below(reach) : below(reach);
    mutated = Uint8Array.from(changes[below(changes.length)]!(mutated, at, below));
  }
  return mutated;
}

/** Values at which readers of JSON go wrong. */
const odd: readonly unknown[] = [
  ...[null, true, -1, 0.5, 1e9, 2 ** 53, 1e308, "", "\0", "x".repeat(5000), "__proto__"],
  ...[[], {}, [[]], [1e9, 1e9], { type: "dense" }, Array(1000).fill({})],
];

/** JSON with another value in one place, or without it. */
export function replaceValue(json: unknown, below: Below): unknown {
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(json);
  const [of, key] = places[below(places.length)]!;
  if (below(8) === 0) delete of[key];
  else of[key] = odd[below(odd.length)];
  return json;
}

/** The bytes with another value in one line of JSON. */
function replaceInLines(bytes: Uint8Array, below: Below): Uint8Array {
  const lines = Buffer.from(bytes).toString().split("\n");
  const at = below(Math.max(1, lines.length - 1));
  lines[at] = JSON.stringify(replaceValue(JSON.parse(lines[at]!), below));
  return Buffer.from(lines.join("\n"));
}

/** What is given mutated inputs. */
export interface Parser {
  /** Small files that are read as they are. */
  readonly seeds: () => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  /** Files of the size that people have. In a long run, one input in {@link REAL} is made from them. */
  readonly real?: () => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  readonly parse: (bytes: Uint8Array) => unknown;
  /** Makes checksums right again, so that what is behind them is reached. Half of the inputs are repaired. */
  readonly repair?: (bytes: Uint8Array) => Uint8Array;
  /** Whether each line is JSON: half of the inputs then have another value in one of them. */
  readonly isJson?: boolean;
}

const REAL = 32;
/** The most characters of a message: what it quotes is cut. */
const LONGEST = 2010;
const FAULTS = new URL("../../faults/", import.meta.url);
/** What any input may take, and each of its bytes in addition: that many bytes are what deflate makes of one. */
const MEMORY = { base: 96 * 2 ** 20, perByte: 1100 };
const SECONDS = { base: 0.5, perByte: 20e-6 };

/** Seconds of processor time of this process, of all its threads. */
const seconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** The most memory that this process has taken, in bytes. */
const peak = (): number => process.resourceUsage().maxRSS * 1024;

/**
 * Gives a parser `count` mutated inputs. Each must be read, or refused with an `InklingError`; in a long run, also within
 * processor time and memory in proportion to its size. All inputs are tried; a failure names the first of each kind.
 */
export async function expectSound(name: string, parser: Parser, count: number): Promise<void> {
  const [small, real] = [await parser.seeds(), isLong ? await (parser.real?.() ?? []) : []];
  for (const bytes of [...small, ...real]) await parser.parse(bytes);
  const below = generator(seed);
  const faults = new Map<string, string>();
  const note = (kind: string, run: number, bytes: Uint8Array) => {
    if (faults.has(kind)) return;
    // Not among the temporary files, which are removed at the end.
    mkdirSync(FAULTS, { recursive: true });
    const path = fileURLToPath(new URL(`${name.replaceAll(/\W+/g, "-")}-${run}`, FAULTS));
    writeFileSync(path, bytes);
    faults.set(kind, path);
  };
  const start = seconds();
  let read = 0;
  for (let run = 0; run < count; run++) {
    // The decoder's memory is given back between turns of the event loop, which readers of files take all the time.
    if (run % 200 === 0) await setImmediate();
    const seeds = real.length > 0 && run % REAL === REAL - 1 ? real : small;
    const seed = seeds[below(seeds.length)]!;
    const mutated = parser.isJson && below(2) === 0 ? replaceInLines(seed, below) : mutate(seed, below);
    const bytes = (below(2) === 0 && parser.repair?.(mutated)) || mutated;
    const [began, held] = isLong ? [seconds(), peak()] : [0, 0];
    try {
      await parser.parse(bytes);
      read++;
    } catch (error) {
      if (!(error instanceof InklingError)) note(`${(error as Error).stack ?? error}`, run, bytes);
      else if (/\n {4}at /.test(error.message)) note(`a message with a stack: ${error.message}`, run, bytes);
      else if (error.message.length > LONGEST) note(`a long message: ${error.message.slice(0, 200)}`, run, bytes);
      else if (printableLines(error.message) !== error.message) note(`not printable: ${error.message}`, run, bytes);
    }
    if (!isLong) continue;
    if (seconds() - began > SECONDS.base + SECONDS.perByte * bytes.length) note("too slow", run, bytes);
    if (peak() - held > MEMORY.base + MEMORY.perByte * bytes.length) note("too much memory", run, bytes);
    if (run % 100_000 === 99_999) console.info(`${name}: ${run + 1} inputs`);
  }
  if (isLong) console.info(`${name}: ${count} inputs in ${(seconds() - start).toFixed(1)} s of processor time`);
  expect(Object.fromEntries(faults)).toEqual({});
  // Of fewer, none may be read by a parser that refuses nearly all.
  if (!isLong || count >= 500) expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(count);
}
