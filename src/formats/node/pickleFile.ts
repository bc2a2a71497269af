import { basename } from "node:path";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { splitDataset } from "../../datasets/split.ts";
import { decodePickle, encodePickle } from "../pickle/dataset.ts";
import { isPickle } from "../pickle/read.ts";
import { finish } from "./finish.ts";
import type { Format } from "./format.ts";
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
