import { exp } from "../base/math.ts";

/** A polynomial, coefficients from the constant one up. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + coefficients[k]!;
  return sum;
}

/** Numerators and denominators of the approximations to erf and erfc. */
const SMALL = [
  [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-5],
  [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -3.960228278775368e-6],
] as const;
const NEAR_ONE = [
  [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668,
    0.035478304325618236, -0.002166375594868791,
  ],
  [
    1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
    0.011984499846799107,
  ],
] as const;
const ERF_OF_ONE = 0.8450629115104675;
const MEDIUM = [
  [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
    -184.60509290671104, -81.2874355063066, -9.814329344169145,
  ],
  [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
    108.63500554177944, 6.570249770319282, -0.0604244152148581,
  ],
] as const;
const LARGE = [
  [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
    -1025.0951316110772, -483.5191916086514,
  ],
  [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
    474.52854120695537, -22.44095244658582,
  ],
] as const;

const ratio = ([top, bottom]: readonly [readonly number[], readonly number[]], x: number): number =>
  polynomial(top, x) / polynomial(bottom, x);

/**
 * erfc(x) for x ≥ 0, relative error below 10⁻¹³: the approximations of FreeBSD's msun (s_erf.c, Sun Microsystems 1993), but
 * the same bits on every engine.
 */
function complementaryError(x: number): number {
  if (x < 0.84375) return 1 - x * (1 + ratio(SMALL, x * x));
  if (x < 1.25) return 1 - ERF_OF_ONE - ratio(NEAR_ONE, x - 1);
  if (x > 26) return 0;
  const s = 1 / (x * x);
  return exp(-x * x - 0.5625 + ratio(x < 1 / 0.35 ? MEDIUM : LARGE, s)) / x;
}

const below = (x: number): number => 0.5 * complementaryError(-x * Math.SQRT1_2);

/** The probability that a standard normal variable is in [a, b]. */
export function normalMass(a: number, b: number): number {
  // Both tails are computed as small numbers, so that nothing cancels.
  if (a > 0) return normalMass(-b, -a);
  return b <= 0 ? below(b) - below(a) : 1 - below(-b) - below(a);
}

/** Halvings of the range, which leave less of it than a number of four digits shows. */
const HALVINGS = 32;

/** The number below which a share `u` of a normal distribution lies that is cut off at `low` and `high`. */
export function truncatedNormal(u: number, mean: number, deviation: number, low: number, high: number): number {
  const [first, last] = [(low - mean) / deviation, (high - mean) / deviation];
  const start = first <= 0 ? below(first) : 1 - below(-first);
  const wanted = start + u * normalMass(first, last);
  let [left, right] = [first, last];
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (left + right) / 2;
    if ((middle <= 0 ? below(middle) : 1 - below(-middle)) < wanted) left = middle;
    else right = middle;
  }
  return mean + (deviation * (left + right)) / 2;
}
