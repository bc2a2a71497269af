/**
 * Elementary functions built from +, −, ×, ÷ and √ alone. `Math.exp`, `Math.log`, `Math.cos` and `Math.pow` differ in
 * their last bits between engines, but a run must produce the same weights in all of them.
 */

const LN2_HIGH = 0.6931471803691238; // its last 21 bits are zero, so k·LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10;

const buffer = new DataView(new ArrayBuffer(8));

/** 2^k for an integer k in −1022 … 1023. */
function powerOfTwo(k: number): number {
  buffer.setUint32(0, (k + 1023) << 20);
  buffer.setUint32(4, 0);
  return buffer.getFloat64(0);
}

/** The natural logarithm of a positive, normal x = m·2^k: k·ln 2 + 2·artanh((m − 1)/(m + 1)), with m in [√½, √2]. */
export function log(x: number): number {
  buffer.setFloat64(0, x);
  const high = buffer.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  buffer.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let mantissa = buffer.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let series = 0;
  for (let n = 23; n >= 1; n -= 2) series = series * square + 1 / n;
  return exponent * LN2_HIGH + (2 * s * series + exponent * LN2_LOW);
}

/** e^x, with x clamped to −708 … 709 so that the result is a normal number: x = k·ln 2 + r, then the series of e^r. */
export function exp(x: number): number {
  const clamped = Math.max(-708, Math.min(709, x));
  const k = Math.round(clamped / Math.LN2);
  const r = clamped - k * LN2_HIGH - k * LN2_LOW;
  let series = 1;
  for (let n = 14; n >= 1; n--) series = 1 + (r / n) * series;
  return series * powerOfTwo(k);
}

const HALF_PI_HIGH = 1.5707963267341256; // its last 20 bits are zero, so k·HALF_PI_HIGH is exact
const HALF_PI_LOW = 6.077100506506192e-11;

/** The cosine of x, for |x| ≤ 1e5: x = k·π/2 + r, then the series of cos r or sin r, depending on k. */
export function cos(x: number): number {
  const k = Math.round(x / (Math.PI / 2));
  const r = x - k * HALF_PI_HIGH - k * HALF_PI_LOW;
  const isSine = k % 2 !== 0;
  let series = 1;
  for (let n = isSine ? 17 : 16; n >= 2; n -= 2) series = 1 - ((r * r) / (n * (n - 1))) * series;
  const value = isSine ? -r * series : series;
  return ((k % 4) + 4) % 4 >= 2 ? -value : value;
}

/** base^exponent for a positive base: by repeated squaring for integer exponents ≥ 0, otherwise exp(exponent·log base). */
export function power(base: number, exponent: number): number {
  if (!Number.isInteger(exponent) || exponent < 0) return exp(exponent * log(base));
  let result = 1;
  for (let square = base, left = exponent; left > 0; left = Math.floor(left / 2), square *= square)
    if (left % 2 === 1) result *= square;
  return result;
}
