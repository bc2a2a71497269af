import type { Corruption } from "./canvas.ts";

/** Photons that a white pixel receives on average. */
const PHOTONS = 3;

/** As from a camera in the dark: each value is a Poisson number of 3 photons at most on average. */
export const shotNoise: Corruption = {
  name: "shot_noise",
  description: "few photons, as from a camera in the dark",
  apply: ({ values }, draws) => values.map((value) => draws.poisson(PHOTONS * value) / PHOTONS),
};

/** 17 % of the pixels are black or white. */
const REPLACED = 0.17;

/** As from broken sensors: salt and pepper. */
export const impulseNoise: Corruption = {
  name: "impulse_noise",
  description: "17 % of the pixels black or white",
  apply({ values, channels }, draws) {
    const noisy = values.slice();
    for (let p = 0; p < values.length; p += channels)
      if (draws.uniform() < REPLACED) noisy.fill(draws.uniform() < 0.5 ? 0 : 1, p, p + channels);
    return noisy;
  },
};
