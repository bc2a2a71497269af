import { type Sampler, uniformOf, valuesAt } from "./sampler.ts";

/** Independent random values. */
export const random: Sampler = {
  name: "random",
  description: "independent random values",
  ask: (asked) => valuesAt(asked.space, (index) => uniformOf(asked, index)),
};
