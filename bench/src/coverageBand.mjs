/** ln Γ(x), by Lanczos's approximation; relative error below 1e-13 for x ≥ 1. @param {number} x */
function logGamma(x) {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  const t = x + 6.5;
  const sum = terms.reduce((total, term, k) => total + term / (x + k), 0.9999999999998099);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** @param {number} n @param {number} k */
const logChoose = (n, k) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
/** @param {number} a @param {number} b */
const logBeta = (a, b) => logGamma(a) + logGamma(b) - logGamma(a + b);

/**
 * The range that holds the empirical coverage of split conformal sets 95 % of the time: of m new images, the number that is
 * covered by the score of rank r among n has the beta-binomial distribution of m, r and n + 1 − r, if no scores are equal.
 * Source: Angelopoulos & Bates, "A gentle introduction to conformal prediction", 2021, appendix C.
 *
 * @param {number} calibration n @param {number} test m @param {number} coverage
 * @returns {readonly [number, number]}
 */
export function coverageBand(calibration, test, coverage) {
  const rank = Math.ceil((calibration + 1) * coverage - 1e-9);
  const other = calibration + 1 - rank;
  let [sum, low, high] = [0, Number.NaN, 1];
  for (let covered = 0; covered <= test; covered++) {
    const p = logChoose(test, covered) + logBeta(covered + rank, test - covered + other) - logBeta(rank, other);
    sum += Math.exp(p);
    if (Number.isNaN(low) && sum > 0.025) low = covered / test;
    if (sum >= 0.975) {
      high = covered / test;
      break;
    }
  }
  return [low, high];
}
