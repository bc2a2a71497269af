import { power } from "../../base/math.ts";
import { type Sampler, uniformOf, valuesAt } from "./sampler.ts";

/**
 * The positive root of x^(d+1) = x + 1: the golden ratio for d = 1. The iteration x ← (1 + x)^(1/(d+1)) contracts.
 */
function harmonious(d: number): number {
  let x = 2;
  for (let k = 0; k < 40; k++) x = power(1 + x, 1 / (d + 1));
  return x;
}

/**
 * Points that fill the space evenly at any number of trials: the additive sequence R_d, point n = shift + n·(φ⁻¹, φ⁻², …, φ⁻ᵈ)
 * modulo 1, with a random shift (Cranley–Patterson rotation) that depends on the seed. Source: Martin Roberts, "The
 * unreasonable effectiveness of quasirandom sequences", 2018.
 */
export const quasirandom: Sampler = {
  name: "quasirandom",
  description: "random values that fill the space more evenly",
  ask({ space, seed, trial }) {
    const ratio = harmonious(Object.keys(space).length);
    return valuesAt(space, (index) => {
      const shift = uniformOf({ seed, trial: 0 }, index, 1);
      const place = shift + trial * (1 / power(ratio, index + 1));
      return place - Math.floor(place);
    });
  },
};
