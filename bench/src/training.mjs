import { inklingTrainer } from "./inkling.mjs";
import { jaxTrainer } from "./jax.mjs";
import { median, speedup, takeTurns } from "./measure.mjs";
import { BATCH, goldenLosses } from "./network.mjs";
import { formatRate, table } from "./report.mjs";
import { tfjsTrainer } from "./tfjs.mjs";

/** How far a loss may be from the golden one, as a share of it. */
const TOLERANCE = 1e-3;

/**
 * A trainer whose losses are compared with the golden trajectory, as far as that goes. Throws where one
 * strays: then it trains another network, or trains it wrongly.
 *
 * @param {import("./contender.mjs").Trainer} trainer
 */
function checked({ name, version, train }) {
  let steps = 0;
  let deviation = 0;
  return {
    name,
    version,
    /** Steps compared, and the worst of them. */
    check: () => ({ steps: Math.min(steps, goldenLosses.length), deviation }),
    async run() {
      const losses = await train();
      for (const [k, golden] of goldenLosses.slice(steps, steps + losses.length).entries()) {
        const off = Math.abs(losses[k] - golden) / golden;
        if (!(off <= TOLERANCE)) throw new Error(`${name}: loss ${losses[k]} at step ${steps + k}, expected ${golden}`);
        deviation = Math.max(deviation, off);
      }
      steps += losses.length;
      return losses.length * BATCH;
    },
  };
}

/** Measures training with the seed's network. */
export async function measureTraining() {
  const trainers = [await inklingTrainer(), await jaxTrainer(), await tfjsTrainer()].map(checked);
  const rates = await takeTurns(
    trainers.map(({ run }) => run),
    { rounds: 7, seconds: 2 },
  );
  return trainers.map(({ name, version, check }, k) => ({
    name,
    version,
    imagesPerSecond: median(rates[k]),
    rounds: rates[k],
    speedup: speedup(rates[0], rates[k]),
    lossesCompared: check().steps,
    worstDeviation: check().deviation,
  }));
}

/** @param {Awaited<ReturnType<typeof measureTraining>>} results */
export const trainingTable = (results) =>
  table(
    [`Training, batch ${BATCH}`, "Version", "Images/s", "Range", "Inkling is", "Losses compared", "Worst deviation"],
    results.map(({ name, version, imagesPerSecond, rounds, speedup, lossesCompared, worstDeviation }) => [
      name,
      version,
      formatRate(imagesPerSecond),
      `${formatRate(Math.min(...rounds))}–${formatRate(Math.max(...rounds))}`,
      `${formatRate(speedup)}×`,
      `${lossesCompared}`,
      worstDeviation.toExponential(1),
    ]),
  );
