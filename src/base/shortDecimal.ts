/**
 * The shortest decimal number that is the same float32, such as 0.3 for 0.30000001192092896; the value itself if that takes
 * more than `most` significant digits.
 */
export function shortDecimal(value: number, most = 17): number {
  const float = Math.fround(value);
  for (let digits = 6; digits <= most; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return value;
}
