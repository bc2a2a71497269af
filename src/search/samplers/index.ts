import { InklingError } from "../../base/error.ts";
import { didYouMean } from "../../base/nearest.ts";
import { quoted } from "../../base/printable.ts";
import { grid } from "./grid.ts";
import { quasirandom } from "./quasirandom.ts";
import { random } from "./random.ts";
import type { Sampler } from "./sampler.ts";
import { tpe } from "./tpe.ts";

export { type Asked, better, type Observation, type Sampler } from "./sampler.ts";

/** Every sampler. */
export const samplers: readonly Sampler[] = [tpe, quasirandom, random, grid];

/** A sampler by name. Throws `INVALID_ARGUMENT`, listing the names. */
export function sampler(name: string): Sampler {
  const found = samplers.find((known) => known.name === name);
  if (found) return found;
  const names = samplers.map((known) => known.name);
  throw new InklingError(
    "INVALID_ARGUMENT",
    `unknown sampler ${quoted(name)}${didYouMean(name, names)}; known samplers: ${names.join(", ")}`,
  );
}
