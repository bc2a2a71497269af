import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { decodePixelTable, encodePixelTable, isPixelTable } from "../pixelTable.ts";
import { finish } from "./finish.ts";
import type { Format } from "./format.ts";
import { readPieces } from "./readWhole.ts";

/** CSV of pixels, in Kaggle's layout: a row an image, its label first. It is read as a stream. */
export const pixelCsv: Format = {
  id: "csv",
  name: "a .csv file of label,pixel0,…",
  extensions: [".csv"],
  matches: ({ head }) => isPixelTable(head),
  async open(path, options) {
    const provenance = { source: path, description: `pixels of ${basename(path)}` };
    const pieces = readPieces(path, options.signal);
    const dataset = await decodePixelTable(pieces, path, provenance, options.classNames);
    return finish(dataset, (await stat(path)).size, options);
  },
  save: (dataset, path) => writeFileAtomic(path, encodePixelTable(dataset)),
};
