import * as v from "valibot";
import { count, finite, fraction, parseConfig, wholeNumber } from "../base/config.ts";
import { COLDEST, HOTTEST } from "./fitScaling.ts";
import { COVERAGES, type ModelCalibration } from "./modelCalibration.ts";

const temperatureMessage = `a number from ${COLDEST} to ${HOTTEST}`;
const schema = v.strictObject({
  temperature: v.pipe(
    v.number(temperatureMessage),
    v.minValue(COLDEST, temperatureMessage),
    v.maxValue(HOTTEST, temperatureMessage),
  ),
  attenuation: v.optional(fraction),
  images: count,
  answers: v.pipe(
    v.array(v.strictTuple([fraction, wholeNumber, wholeNumber]), "a list of [confidence, answered, wrong]"),
    v.maxLength(100, "at most 100 points"),
  ),
  sets: v.pipe(
    v.array(v.strictTuple([fraction, finite, finite]), "a list of [coverage, lac, aps]"),
    v.minLength(1, "at least one coverage"),
    v.maxLength(COVERAGES.length + 1, `at most ${COVERAGES.length + 1} coverages`),
  ),
});

/** Checks a calibration from a file's JSON. Throws `INVALID_DATA`, with a message that begins with `what`. */
export const parseCalibration = (json: unknown, what: string): ModelCalibration =>
  parseConfig(schema, json, what, "INVALID_DATA");
