import * as v from "valibot";
import { parseConfig, wholeNumber } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { checkFormatVersion, FORMAT_VERSION } from "../base/formatVersion.ts";
import { sha256 } from "../base/sha256.ts";
import { parsePreparation } from "../pictures/index.ts";
import type { Checkpoint, MonitorState } from "../training/index.ts";
import { learningCauses } from "../training/learning/watch.ts";
import { parseIdentity } from "../training/spec.ts";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "./safetensors.ts";

const CHECKPOINT = "inkling.checkpoint";
const SHA256 = "inkling.sha256";

/**
 * A training or an identity from a file, with `split.keepTogether` and `split.by` filled in: a file without them was
 * written when only groups were kept together, and when all splits were drawn.
 */
export function withFormerSplit(json: object): object {
  const { split } = json as { readonly split?: unknown };
  return typeof split === "object" ? { ...json, split: { by: "seed", keepTogether: "groups", ...split } } : json;
}

const number = v.number("a number");
const monitorSchema = v.object(
  {
    step: wholeNumber,
    waited: wholeNumber,
    reference: v.optional(number),
    best: v.optional(v.object({ step: wholeNumber, loss: number, accuracy: number }, "a validation")),
    schedule: v.record(v.string(), number, "numbers by name"),
  },
  "the state of validations",
);

const momentsSchema = v.object({ count: wholeNumber, mean: number, squares: number }, "moments of a sample");
const learningSchema = v.object(
  {
    before: momentsSchema,
    since: momentsSchema,
    said: v.picklist(["undecided", "learning", "guessing", "memorizing"], "whether it learns"),
    cause: v.optional(v.picklist(learningCauses, "why it does not learn")),
    validation: v.optional(v.picklist(["better", "chance"], '"better" or "chance"')),
    fresh: v.optional(v.boolean("true or false")),
  },
  "the state of what shows whether it learns",
);

const checkpointSchema = v.object({
  formatVersion: v.number(),
  step: wholeNumber,
  loss: number,
  accuracy: number,
  identity: v.looseObject({}, "what determines the weights"),
  preparation: v.looseObject({}, "a preparation"),
  monitor: v.optional(monitorSchema),
  learning: v.optional(learningSchema),
});

/** The prefix of the names of the best weights; no name of a state begins with it. */
const BEST = "best/";

/**
 * A checkpoint as one safetensors file: the tensors of the state and the best weights, everything else as JSON in the
 * metadata, and a SHA-256 of it all.
 */
export async function encodeCheckpoint({ state, best = new Map(), ...rest }: Checkpoint): Promise<Uint8Array> {
  const all = [...state, ...[...best].map(([name, data]): [string, Float32Array] => [BEST + name, data])];
  const tensors = all.map(([name, data]): NamedTensor => ({ name, shape: [data.length], data }));
  const metadata = { [CHECKPOINT]: JSON.stringify({ formatVersion: FORMAT_VERSION, ...rest }) };
  return encodeSafetensors(tensors, { ...metadata, [SHA256]: await sha256(encodeSafetensors(tensors, metadata)) });
}

/**
 * Reads a file written by `encodeCheckpoint`. Throws `INVALID_DATA` if it is damaged in any way, `UNKNOWN_FORMAT` if
 * its version is not supported.
 */
export async function decodeCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { [SHA256]: expected, ...sealed } = metadata;
  const json = parseJson(metadata[CHECKPOINT]);
  checkFormatVersion((json as { formatVersion?: unknown }).formatVersion, "checkpoint");
  if ((await sha256(encodeSafetensors([...tensors.values()], sealed))) !== expected)
    throw damaged("its contents do not match its checksum");
  const { preparation, identity, monitor, learning, ...rest } = parseConfig(
    checkpointSchema,
    json,
    "checkpoint",
    "INVALID_DATA",
  );
  const all = [...tensors].map(([name, { data }]): [string, Float32Array] => {
    if (!(data instanceof Float32Array)) throw damaged(`${name} is not of type F32`);
    return [name, data];
  });
  const best = all.flatMap(([name, data]) => (name.startsWith(BEST) ? [[name.slice(BEST.length), data] as const] : []));
  return {
    step: rest.step,
    loss: rest.loss,
    accuracy: rest.accuracy,
    identity: parseIdentity(withFormerSplit(identity), "checkpoint: identity"),
    preparation: parsePreparation(preparation, "checkpoint", "INVALID_DATA"),
    state: new Map(all.filter(([name]) => !name.startsWith(BEST))),
    ...(monitor && { monitor: monitor as MonitorState }),
    ...(learning && { learning }),
    ...(best.length > 0 && { best: new Map(best) }),
  };
}

const damaged = (what: string): InklingError =>
  new InklingError("INVALID_DATA", `checkpoint: ${what}; it is damaged, so resume from an earlier one`);

function parseJson(text: string | undefined): object {
  if (text === undefined) throw damaged("its metadata does not describe a training");
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null) return json;
  } catch {
    // as for JSON that is not an object
  }
  throw damaged("the description in its metadata is not valid JSON");
}
