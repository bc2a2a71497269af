import { cyclingRows } from "./contender.mjs";
import { inklingPredictor } from "./inkling.mjs";
import { jaxPredictor } from "./jax.mjs";
import { median, speedup, takeTurns } from "./measure.mjs";
import { formatRate, table } from "./report.mjs";
import { tfjsPredictor } from "./tfjs.mjs";

const BATCH = 128;
/** How far a logit may be from Inkling's. */
const TOLERANCE = 1e-3;

/** @param {Float32Array} a @param {Float32Array} b */
const distance = (a, b) =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), a.length === b.length ? 0 : Infinity);

/** Measures prediction with the seed's network at its first weights. Throws where logits are not Inkling's. */
export async function measureInference() {
  const predictors = [await inklingPredictor(BATCH), await tfjsPredictor(BATCH), await jaxPredictor(BATCH)];
  const logits = await predictors[0].predict(0);
  /** @type {number[]} */
  const deviations = [];
  for (const { name, predict } of predictors) {
    const off = distance(logits, await predict(0));
    if (!(off <= TOLERANCE)) throw new Error(`${name}: a logit is ${off} away from Inkling's`);
    deviations.push(off);
  }
  const calls = predictors.map(({ predict }) => {
    const rows = cyclingRows(BATCH);
    return async () => {
      await predict(rows());
      return BATCH;
    };
  });
  const rates = await takeTurns(calls, { rounds: 7, seconds: 1 });
  return predictors.map(({ name, version }, k) => ({
    name,
    version,
    imagesPerSecond: median(rates[k]),
    rounds: rates[k],
    speedup: speedup(rates[0], rates[k]),
    worstDeviation: deviations[k],
  }));
}

/** @param {Awaited<ReturnType<typeof measureInference>>} results */
export const inferenceTable = (results) =>
  table(
    [`Inference, batch ${BATCH}`, "Version", "Images/s", "Range", "Inkling is", "Logits' deviation"],
    results.map(({ name, version, imagesPerSecond, rounds, speedup, worstDeviation }, k) => [
      name,
      version,
      formatRate(imagesPerSecond),
      `${formatRate(Math.min(...rounds))}–${formatRate(Math.max(...rounds))}`,
      `${formatRate(speedup)}×`,
      k === 0 ? "reference" : worstDeviation.toExponential(1),
    ]),
  );
