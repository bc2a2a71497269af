import { InklingError } from "../../base/error.ts";
import { type SeenPicture, seePicture } from "../../evaluation/classify.ts";
import type { Classifier } from "../../evaluation/ensemble.ts";
import type { Prediction } from "../../evaluation/prediction.ts";
import type { Image } from "../../image/image.ts";
import type { PrepareOptions } from "../../pictures/preparation.ts";
import { readPicture } from "./pictures.ts";

/** A picture that was read, and the model's prediction. */
export interface Seen extends Omit<SeenPicture, "flat"> {
  readonly name: string;
  readonly prediction: Prediction;
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

interface PredictOptions extends PrepareOptions {
  readonly contactSheet?: string;
  readonly keepDamaged?: boolean;
  /** Whether to predict by the mean over shifts of each picture. */
  readonly tta?: "shifts";
}

/** The model's predictions for files, in their order; for a file that cannot be read, the reason. */
export async function* predictAll(
  trained: Classifier,
  names: readonly string[],
  options: PredictOptions,
): AsyncGenerator<Seen | Unreadable> {
  for (let first = 0; first < names.length; first += AT_ONCE) {
    const some = await Promise.all(names.slice(first, first + AT_ONCE).map((name) => look(trained, name, options)));
    const read = some.filter((item) => "image" in item);
    const pixels = read.map(({ image }) => image.pixels);
    const predictions = options.tta
      ? await (await import("../../evaluation/shifts.ts")).predictShifted(trained, Buffer.concat(pixels))
      : await trained.predictBatch(pixels);
    const byName = new Map(read.map((item, i) => [item, predictions[i]!]));
    for (const item of some) yield "image" in item ? { ...item, prediction: byName.get(item)! } : item;
  }
}

async function look(
  trained: Classifier,
  name: string,
  { contactSheet, keepDamaged = false, prepare, polarity, crop, fit, margin, center }: PredictOptions,
): Promise<Omit<Seen, "prediction"> | Unreadable> {
  const settings = Object.entries({ prepare, polarity, crop, fit, margin, center });
  const given = Object.fromEntries(settings.filter(([, value]) => value !== undefined));
  try {
    const { flat, ...seen } = await seePicture(trained, await readPicture(name), { keepDamaged, ...given });
    return { name, ...seen, ...(contactSheet && { thumbnail: await thumbnailOf(flat) }) };
  } catch (error) {
    // A wrong option is the caller's mistake, and the same for every picture.
    if (error instanceof InklingError && error.code === "INVALID_ARGUMENT") throw error;
    return { name, reason: (error as Error).message };
  }
}

const thumbnailOf = async (image: Image): Promise<Image> =>
  (await import("../../report/contactSheet.ts")).tileImages([image], { columns: 1, gap: 0 });
