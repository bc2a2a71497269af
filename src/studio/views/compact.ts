/** 1,900,000 as 1.9 M. */
export const compact = (count: number): string =>
  count >= 1e6
    ? `${Number((count / 1e6).toPrecision(3))} M`
    : count >= 1e4
      ? `${Number((count / 1e3).toPrecision(3))} k`
      : String(count);
