import { Cases, deviation } from "./cases.mjs";
import { Child } from "./child.mjs";
import { median, speedup, takeTurns } from "./measure.mjs";
import { networks as all } from "./networks.mjs";

/**
 * @typedef {import("./contenders.mjs").Contender} Contender
 * @typedef {import("./contenders.mjs").Setting} Setting
 *
 * What one contender did in one setting.
 *
 * @typedef {object} Row
 * @property {Setting} setting
 * @property {string} name
 * @property {Contender["kind"]} kind
 * @property {string} version
 * @property {string} [variant] The fastest of the ways in which it can run this.
 * @property {number} imagesPerSecond The median of the rounds.
 * @property {readonly number[]} rounds
 * @property {number} flops An image.
 * @property {number} fraction Of the processor's peak: the median of the rounds' fractions.
 * @property {number} wasmFraction Of WebAssembly's.
 * @property {number | undefined} deviation The furthest that a loss or a logit was from Inkling's.
 *
 * The peak in each round of a setting, in FLOP/s.
 * @typedef {{ readonly threads: number, readonly native: readonly number[], readonly wasm: readonly number[] }} Peak
 *
 * @typedef {object} Options
 * @property {readonly Contender[]} contenders
 * @property {ReturnType<typeof import("./peaks.mjs").peakCommands>} peaks
 * @property {number} rounds
 * @property {number} seconds of a turn
 * @property {Readonly<Record<string, import("./networks.mjs").Network>>} [networks]
 */

/** Measures contenders in all settings, and the machine's peak in the same rounds. @param {readonly Setting[]} settings @param {Options} options */
export async function measureRates(settings, options) {
  const cases = new Cases(options.networks ?? all);
  /** @type {Row[]} */
  const rows = [];
  /** @type {Peak[]} */
  const peaks = [];
  try {
    for (const threads of new Set(settings.map((setting) => setting.threads))) {
      const children = new Children(threads);
      try {
        for (const setting of settings.filter((s) => s.threads === threads)) {
          console.error(Object.values(setting).join(" "));
          const measured = await measureSetting(setting, cases, children, options);
          rows.push(...measured.rows);
          peaks.push({ threads, ...measured.peak });
        }
      } finally {
        await children.end();
      }
    }
  } finally {
    cases.remove();
  }
  return { rows, peaks };
}

/** The processes for one number of threads, started when first asked for. */
class Children {
  #threads;
  /** @type {Map<(threads: number) => readonly string[], Child>} */
  #children = new Map();

  /** @param {number} threads */
  constructor(threads) {
    this.#threads = threads;
  }

  of(/** @type {(threads: number) => readonly string[]} */ command) {
    const child = this.#children.get(command) ?? new Child(command(this.#threads));
    this.#children.set(command, child);
    return child;
  }

  async end() {
    for (const child of this.#children.values()) await child.end();
  }
}

/** @param {Setting} setting @param {Cases} cases @param {Children} children @param {Options} options */
async function measureSetting(setting, cases, children, { contenders, peaks, rounds, seconds }) {
  const { request, expected, flops } = await cases.prepare(setting);
  const ready = [];
  for (const contender of contenders) {
    const { name, kind, command, modes, only = () => true } = contender;
    if (!modes.includes(setting.mode) || !only(setting)) continue;
    try {
      const child = children.of(command);
      const reply = await child.ask({ prepare: request });
      if (reply.unsupported) console.error(`  ${name}: ${reply.unsupported}`);
      else ready.push({ name, kind, child, reply, off: await check(name, reply, expected) });
    } catch (error) {
      console.error(`  ${name} failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
  checkParameters(ready);
  const [native, wasm] = [children.of(peaks.native), children.of(peaks.wasm)];
  const runOf = (/** @type {Child} */ child) => (/** @type {number} */ steps) => child.ask({ run: steps });
  const runs = [native, wasm, ...ready.map(({ child }) => child)].map(runOf);
  const [nativeSteps, wasmSteps, ...rates] = await takeTurns(runs, { rounds, seconds });
  const flopsOfStep = async (/** @type {Child} */ child) => (await child.ask({ run: 1 })).flops;
  const scale = (/** @type {readonly number[]} */ values, /** @type {number} */ by) => values.map((v) => v * by);
  const peak = {
    native: scale(nativeSteps, await flopsOfStep(native)),
    wasm: scale(wasmSteps, await flopsOfStep(wasm)),
  };
  const rows = ready.map(({ name, kind, reply, off }, k) => {
    const images = scale(rates[k], setting.batchSize);
    return {
      setting,
      ...{ name, kind, version: reply.version, variant: reply.variant, tried: reply.tried },
      ...{ imagesPerSecond: median(images), rounds: images, flops },
      fraction: speedup(scale(images, flops), peak.native),
      wasmFraction: speedup(scale(images, flops), peak.wasm),
      deviation: off,
    };
  });
  return { rows, peak };
}

/** @param {string} name @param {{ results?: readonly number[] }} reply @param {() => Promise<readonly number[]>} expected */
const check = async (name, { results }, expected) => (results ? deviation(name, results, await expected()) : undefined);

/** Throws unless all contenders made networks with as many parameters. @param {readonly { name: string, reply: any }[]} ready */
function checkParameters(ready) {
  const counts = new Set(ready.map(({ reply }) => reply.parameters));
  if (counts.size > 1)
    throw new Error(`parameters differ: ${ready.map(({ name, reply }) => `${name} ${reply.parameters}`).join(", ")}`);
}
