import * as v from "valibot";
import { wholeNumber } from "../base/config.ts";

/** The file of a run with its record. */
export const RUN_FILE = "run.json";

/** The files of a run's models: those of a finished run, and the one with its initial weights. */
export const modelFiles = {
  last: "model.safetensors",
  best: "best.safetensors",
  initial: "initial.safetensors",
} as const;

const text = v.string("a text");
const number = v.number("a number");
const score = v.looseObject({ accuracy: number, count: number, interval: v.tuple([number, number]) });

/** How a run ended, as stored in its record. */
export const resultSchema = v.looseObject({
  steps: wholeNumber,
  weightsSha256: text,
  imagesPerSecond: number,
  validation: v.looseObject({ accuracy: number }),
  test: score,
  temperature: v.optional(number),
  attenuation: v.optional(number),
  stoppedEarly: v.optional(v.boolean("true or false"), false),
  best: v.optional(
    v.looseObject({
      step: wholeNumber,
      weightsSha256: text,
      test: score,
      temperature: v.optional(number),
      attenuation: v.optional(number),
    }),
  ),
});
