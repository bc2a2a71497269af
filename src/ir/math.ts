import {
  add,
  addInt,
  and,
  bind,
  bitsFromFloat,
  constant,
  div,
  floatFromBits,
  fma,
  greater,
  integer,
  less,
  max,
  min,
  mul,
  negate,
  one,
  select,
  shiftLeft,
  shiftRight,
  sqrt,
  sub,
  toFloat,
  xor,
  zero,
} from "./build.ts";
import type { Value } from "./types.ts";

/*
 * Elementary functions as expressions, so that they vectorize and give the same bits on every back
 * end. Their polynomials interpolate the functions at Chebyshev nodes: in float64 they are off by less
 * than 1e-9, in float32 by the rounding of a few operations. The reductions are those of Cephes' `expf`
 * and of fdlibm's `log` (https://netlib.org/cephes, https://netlib.org/fdlibm).
 */

/** ln 2 in two parts: a whole number of up to 15 bits times the first is exact, with or without fma. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.1219444005469057e-4;
/** Adding it rounds to an integer k, which is then in the low bits of the float. */
const MAGIC = 1.5 * 2 ** 23;

/** c[0] + c[1]·x + c[2]·x² + … by Horner's rule. `x` is used many times, so it should be a variable. */
export const polynomial = (x: Value, c: readonly number[]): Value =>
  c
    .slice(0, -1)
    .reduceRight<Value>((sum, coefficient) => fma(sum, x, constant(coefficient)), constant(c[c.length - 1]!));

/**
 * e^x = 2^k · e^r, where x = k·ln 2 + r and |r| ≤ ½ ln 2.
 *
 * x is clamped to [-87.33, 88.37], whose results are normal float32 numbers, so exp never overflows and
 * its smallest result is 1.2e-38. A NaN stays a NaN.
 */
export const exp = (x: Value): Value =>
  // The clamp's order of operands keeps a NaN: a comparison with it is false.
  bind("exp.x", max(constant(-87.33), min(constant(88.37), x)), (clamped) =>
    bind("exp.bits", bitsFromFloat(fma(clamped, constant(1 / Math.LN2), constant(MAGIC))), (bits) =>
      bind("exp.k", sub(floatFromBits(bits), constant(MAGIC)), (k) =>
        bind("exp.r", fma(k, constant(-LN2_LOW), fma(k, constant(-LN2_HIGH), clamped)), (r) => {
          const tail = polynomial(
            r,
            [
              0.5000000013538729, 0.16666666681704134, 0.0416664641974089, 0.008333310844670077, 0.0013933730715530472,
              0.00019891080452347896,
            ],
          );
          // The shift discards the bits of the magic number.
          const powerOfTwo = floatFromBits(addInt(shiftLeft(bits, integer(23)), integer(127 << 23)));
          return mul(fma(mul(r, r), tail, add(r, one)), powerOfTwo);
        }),
      ),
    ),
  );

/**
 * The natural logarithm of a positive, normal x below 2.4e38.
 *
 *   log x = k·ln 2 + log(1 + f), where x = 2^k·(1 + f) and 1 + f is in [√½, √2]
 *   log(1 + f) = f − (f²/2 − s·(f²/2 + R)), where s = f/(2 + f) and R = ⅔s² + ⅖s⁴ + …
 */
export const log = (x: Value): Value =>
  bind("log.x", x, (argument) => {
    const halfRoot = 0x3f3504f3; // the bits of √½, so that the exponent counts from there
    const shifted = addInt(bitsFromFloat(argument), integer(0x3f800000 - halfRoot));
    return bind("log.exponent", and(shifted, integer(0x7f800000)), (exponent) =>
      bind("log.k", sub(toFloat(shiftRight(exponent, integer(23))), constant(127)), (k) => {
        const twoOverPower = floatFromBits(xor(exponent, integer(0x7f800000))); // 2^(1−k), also for the extreme k
        return bind("log.f", fma(mul(argument, twoOverPower), constant(0.5), constant(-1)), (f) =>
          bind("log.s", div(f, add(f, constant(2))), (s) =>
            bind("log.z", mul(s, s), (z) =>
              bind("log.square", mul(mul(f, f), constant(0.5)), (square) => {
                const tail = mul(
                  z,
                  polynomial(z, [0.6666666655430017, 0.4000012200081446, 0.2855080255363403, 0.2333096404184179]),
                );
                const correction = fma(s, add(square, tail), mul(k, constant(LN2_LOW)));
                return fma(k, constant(LN2_HIGH), sub(f, sub(square, correction)));
              }),
            ),
          ),
        );
      }),
    );
  });

/**
 * The hyperbolic tangent.
 *
 *   tanh x = x + x³·P(x²) for |x| < 0.625, else ±(1 − 2/(e^(2|x|) + 1))
 *
 * The ranges are those of Cephes' `tanhf`. A NaN stays a NaN.
 */
export const tanh = (x: Value): Value =>
  bind("tanh.x", x, (argument) =>
    bind("tanh.size", max(argument, negate(argument)), (size) => {
      const small = bind("tanh.z", mul(argument, argument), (z) => {
        const tail = polynomial(
          z,
          [
            -0.33333333172139096, 0.1333330355686398, -0.0539592595709386, 0.02176891861854283, -0.00834394543973728,
            0.0022927447499143604,
          ],
        );
        return fma(mul(argument, z), tail, argument);
      });
      const great = bind("tanh.great", sub(one, div(constant(2), add(exp(add(size, size)), one))), (t) =>
        select(less(argument, zero), negate(t), t),
      );
      return select(less(size, constant(0.625)), small, great);
    }),
  );

/** π in two parts, of which the first has few enough bits for float32. */
const PI_HIGH = 3.1415927410125732;
const PI_LOW = -8.742278012618954e-8;

/** sin x = x + x³·P(x²) for |x| ≤ ½π. */
const sinNearZero = (x: Value): Value =>
  bind("sin.near", x, (near) =>
    bind("sin.z", mul(near, near), (z) => {
      const tail = polynomial(
        z,
        [
          -0.16666666663881233, 0.008333332768753067, -0.0001984108656136738, 0.000002753646355502579,
          -2.4080190273728625e-8,
        ],
      );
      return fma(mul(near, z), tail, near);
    }),
  );

/** The sine of −π ≤ x ≤ π, which is ±sin(π − |x|) beyond ½π. */
export const sin = (x: Value): Value =>
  bind("sin.x", x, (argument) =>
    bind("sin.size", max(argument, negate(argument)), (size) => {
      const folded = select(
        greater(size, constant(Math.PI / 2)),
        add(sub(constant(PI_HIGH), size), constant(PI_LOW)),
        size,
      );
      return bind("sin.of", sinNearZero(folded), (s) => select(less(argument, zero), negate(s), s));
    }),
  );

/** The cosine of −π ≤ x ≤ π: sin(½π − |x|). */
export const cos = (x: Value): Value =>
  bind("cos.x", x, (argument) =>
    bind("cos.size", max(argument, negate(argument)), (size) =>
      sinNearZero(add(sub(constant(PI_HIGH / 2), size), constant(PI_LOW / 2))),
    ),
  );

/** ⌊x⌋ as an integer, for 0 ≤ x < 2^22. */
export const wholePart = (x: Value): Value =>
  bind("whole.x", x, (argument) =>
    // The sum is rounded to the nearest integer, which may be above x.
    bind("whole.nearest", and(bitsFromFloat(add(argument, constant(2 ** 23))), integer(0x7fffff)), (nearest) =>
      select(greater(toFloat(nearest), argument), addInt(nearest, integer(-1)), nearest),
    ),
  );

/**
 * t^exponent for a positive, normal t.
 *
 * Multiples of ¼ take square roots, products and, if negative, one division, all of them correctly
 * rounded; any other exponent gives e^(exponent · log t).
 */
export function power(t: Value, exponent: number): Value {
  const quarters = Math.abs(exponent) * 4;
  if (!Number.isInteger(quarters)) return exp(mul(constant(exponent), log(t)));
  if (quarters === 0) return one;
  const positive = bind("power.t", t, (base) =>
    bind("power.root", quarters % 4 === 0 ? base : sqrt(base), (root) => {
      const factors = [
        ...(quarters & 1 ? [sqrt(root)] : []),
        ...(quarters & 2 ? [root] : []),
        ...(quarters >= 4 ? [wholePower(base, Math.floor(quarters / 4))] : []),
      ];
      return factors.reduce(mul);
    }),
  );
  return exponent < 0 ? div(one, positive) : positive;
}

/** base^n for n ≥ 1, by repeated squaring. */
function wholePower(base: Value, n: number, depth = 0): Value {
  if (n === 1) return base;
  const half = bind(`power.${depth}`, wholePower(base, Math.floor(n / 2), depth + 1), (x) => mul(x, x));
  return n % 2 === 1 ? mul(half, base) : half;
}
