import { PHILOX } from "../base/philox.ts";
import { addInt, constant, define, integer, mul, mulHigh, mulInt, shiftRight, toFloat, xor } from "./build.ts";
import type { Stmt, Value } from "./types.ts";

/** Four random 32-bit words. */
export type WordValues = readonly [Value, Value, Value, Value];

/** a + k, computed here if `a` is a constant. */
const plusConstant = (a: Value, k: number): Value =>
  a.kind === "const" ? integer(a.value + k) : addInt(a, integer(k));

/**
 * Philox 4×32-10 in a compiled program: `body` gets the four words that `base/philox.ts` computes for the
 * same key and counter. All of it is integer arithmetic, so a vector loop around it computes four words
 * per lane.
 */
export function philoxWords(
  key: readonly [Value, Value],
  counter: WordValues,
  body: (words: WordValues) => Stmt,
): Stmt {
  const [m0, m1] = PHILOX.multipliers.map(integer) as [Value, Value];
  const round = (r: number, [c0, c1, c2, c3]: WordValues, keys: readonly [Value, Value]): Stmt => {
    if (r === PHILOX.rounds)
      return define("philox.1", c1, (w1) => define("philox.3", c3, (w3) => body([c0, w1, c2, w3])));
    const key0 = plusConstant(keys[0], r * PHILOX.increments[0]);
    const key1 = plusConstant(keys[1], r * PHILOX.increments[1]);
    // Words 1 and 3 are used once in the next round, so they stay expressions.
    return define(`philox.0.${r}`, xor(xor(mulHigh(m1, c2), c1), key0), (next0) =>
      define(`philox.2.${r}`, xor(xor(mulHigh(m0, c0), c3), key1), (next2) =>
        round(r + 1, [next0, mulInt(m1, c2), next2, mulInt(m0, c0)], keys),
      ),
    );
  };
  return define("philox.key0", key[0], (key0) =>
    define("philox.counter0", counter[0], (c0) =>
      define("philox.counter2", counter[2], (c2) => round(0, [c0, counter[1], c2, counter[3]], [key0, key[1]])),
    ),
  );
}

/** The top 24 bits of a random word as a float, which holds them exactly. */
export const topBits = (word: Value): Value => toFloat(shiftRight(word, integer(8)));

/** A uniform number in [0, 1) from the top 24 bits of a random word. */
export const uniform = (word: Value): Value => mul(topBits(word), constant(2 ** -24));
