import { InklingError } from "../../base/error.ts";
import type { Prediction } from "../../evaluation/prediction.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { decodePicture } from "../../image/decode.ts";
import { loadDecoder } from "../../image/decoder.ts";
import type { Image } from "../../image/image.ts";
import { toBytes } from "../../image/picture.ts";
import { NO_INK } from "../../pictures/draw.ts";
import { flatten } from "../../pictures/flatten.ts";
import { isBlank } from "../../pictures/ink.ts";
import type { PrepareOptions } from "../../pictures/preparation.ts";
import { readPicture } from "./pictures.ts";

/** A picture that was read, and the model's prediction. */
export interface Seen {
  readonly name: string;
  readonly prediction: Prediction;
  /** The image that the network was given. */
  readonly image: Image;
  readonly steps: readonly string[];
  /** Whether the picture shows nothing, so that the prediction means nothing. */
  readonly blank: boolean;
  /** A thumbnail of the picture, if a contact sheet is requested. */
  readonly thumbnail?: Image;
}

/** A picture that could not be read. */
export interface Unreadable {
  readonly name: string;
  readonly reason: string;
}

/** Pictures per call of the model: few enough to fit in memory, enough to be fast. */
const AT_ONCE = 32;

type PredictOptions = PrepareOptions & { readonly contactSheet?: string; readonly keepDamaged?: boolean };

/** The model's predictions for files, in their order; for a file that cannot be read, the reason. */
export async function* predictAll(
  trained: TrainedModel,
  names: readonly string[],
  options: PredictOptions,
): AsyncGenerator<Seen | Unreadable> {
  for (let first = 0; first < names.length; first += AT_ONCE) {
    const some = await Promise.all(names.slice(first, first + AT_ONCE).map((name) => look(trained, name, options)));
    const read = some.filter((item) => "image" in item);
    const predictions = await trained.predictBatch(read.map(({ image }) => image.pixels));
    const byName = new Map(read.map((item, i) => [item, predictions[i]!]));
    for (const item of some) yield "image" in item ? { ...item, prediction: byName.get(item)! } : item;
  }
}

async function look(
  trained: TrainedModel,
  name: string,
  { contactSheet, keepDamaged = false, prepare, polarity, crop, fit, margin, center }: PredictOptions,
): Promise<Omit<Seen, "prediction"> | Unreadable> {
  const settings = Object.entries({ prepare, polarity, crop, fit, margin, center });
  const given = Object.fromEntries(settings.filter(([, value]) => value !== undefined));
  try {
    const picture = decodePicture(await loadDecoder(), await readPicture(name), { keepDamaged });
    const prepared = trained.prepare(picture, given);
    const flat = flatten(toBytes(picture)).image;
    const blank = isBlank(flat) || prepared.steps.some((step) => step.startsWith(NO_INK));
    return { name, ...prepared, blank, ...(contactSheet && { thumbnail: await thumbnailOf(flat) }) };
  } catch (error) {
    // A wrong option is the caller's mistake, and the same for every picture.
    if (error instanceof InklingError && error.code === "INVALID_ARGUMENT") throw error;
    return { name, reason: (error as Error).message };
  }
}

const thumbnailOf = async (image: Image): Promise<Image> =>
  (await import("../../report/contactSheet.ts")).tileImages([image], { columns: 1, gap: 0 });
