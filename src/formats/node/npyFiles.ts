import { basename, dirname, join } from "node:path";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { datasetOfArrays } from "../arrays.ts";
import { invalid } from "../damaged.ts";
import { noPart } from "../namedArrays.ts";
import { decodeNpy, encodeNpy, isNpy } from "../npy.ts";
import { finish } from "./finish.ts";
import type { Format } from "./format.ts";
import { classesBeside, classLines, isImagesName, labelsBeside, partOf, readClassesBeside } from "./pairs.ts";
import { readWhole } from "./readWhole.ts";

/** Where the labels of a file of images are saved. */
const labelsPathOf = (path: string): string => join(dirname(path), basename(path).replace("images", "labels"));

/** numpy's file of one array: images, with labels beside it. */
export const npy: Format = {
  id: "npy",
  name: "an .npy file of images with its labels beside it",
  extensions: [".npy"],
  fileName: (part) => `${part}-images.npy`,
  written: (path) => [path, labelsPathOf(path), classesBeside(path)],
  parts: true,
  matches: ({ head }) => isNpy(head),
  async open(path, options) {
    if (options.part !== undefined && partOf(basename(path)) !== options.part) throw noPart(path, options.part);
    const labelsPath = labelsBeside(path);
    const [images, labels] = [await readWhole(path, options.signal), await readWhole(labelsPath, options.signal)];
    const pair = { images: decodeNpy(images, path), labels: decodeNpy(labels, labelsPath) };
    const classNames = options.classNames ?? (await readClassesBeside(path));
    const provenance = { source: path, description: `arrays of ${basename(path)} and ${basename(labelsPath)}` };
    const dataset = datasetOfArrays([pair], { what: path, provenance, classNames });
    return finish(dataset, images.length + labels.length, options);
  },
  async save({ images, labels, imageShape, classNames }, path) {
    const name = basename(path);
    if (!/images/.test(name) || !isImagesName(name))
      throw invalid(path, "a file of images needs a name such as images.npy, for labels.npy to stand beside it");
    const lines = classLines(classNames, path);
    const [height, width, channels] = imageShape;
    const shape = channels === 1 ? [labels.length, height, width] : [labels.length, height, width, channels];
    await writeFileAtomic(path, encodeNpy(images, shape));
    await writeFileAtomic(labelsPathOf(path), encodeNpy(Int32Array.from(labels), [labels.length]));
    await writeFileAtomic(classesBeside(path), lines);
  },
};
