import { basename } from "node:path";
import { decodePickle, encodePickle } from "../../formats/pickle/dataset.ts";
import { isPickle } from "../../formats/pickle/read.ts";
import { splitDataset } from "../../split.ts";
import type { Format } from "../format.ts";
import { writeFileAtomic } from "../writeFile.ts";
import { finish } from "./finish.ts";
import { readWhole } from "./readWhole.ts";

/** The course's notMNIST.pickle: train_dataset, train_labels and the same for valid and test. */
export const pickle: Format = {
  id: "pickle",
  name: "a .pickle file such as the course's notMNIST.pickle",
  extensions: [".pickle", ".pkl"],
  parts: true,
  savesParts: true,
  matches: ({ head }) => isPickle(head),
  async open(path, options) {
    const bytes = await readWhole(path, options.signal);
    const provenance = { source: path, description: `arrays of ${basename(path)}` };
    const { part, classNames } = options;
    return finish(decodePickle(bytes, part, { what: path, provenance, classNames }), bytes.length, options);
  },
  save: (dataset, path, { split, protocol }) =>
    writeFileAtomic(path, encodePickle(dataset, split ?? splitDataset(dataset), protocol)),
};
