import { concatBytes } from "../../src/base/bytes.ts";
import { philox, purposes } from "../../src/base/philox.ts";

/** Values at which parsers of numbers go wrong. */
const extremes = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** The n-th mutation of some bytes: changed, cut off, cut out, repeated or put in, in one to four places. */
export function mutate(bytes: Uint8Array, n: number): Uint8Array {
  let draws = 0;
  const below = (bound: number) => philox([n, purposes.test], [draws++, 2, 0, 0])[0] % Math.max(1, bound);
  let mutated = bytes;
  for (let times = 1 + below(4); times > 0; times--) {
    const at = below(mutated.length);
    const length = 1 + below(8);
    const [before, after] = [mutated.subarray(0, at), mutated.subarray(at + length)];
    const random = Uint8Array.from({ length }, () => below(256));
    const kinds = [
      () => changed(mutated, at, mutated[at]! ^ (1 << below(8))),
      () => changed(mutated, at, extremes[below(extremes.length)]!),
      () => concatBytes([before, random, after]),
      () => concatBytes([before, random, mutated.subarray(at)]),
      () => concatBytes([before, after]),
      () => concatBytes([before, mutated.subarray(at, at + 4 * length), mutated.subarray(at)]),
      () => before.slice(),
    ];
    mutated = kinds[below(kinds.length)]!();
  }
  return mutated;
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}
