import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { arrayNames, datasetOfNamedArrays } from "../namedArrays.ts";
import { decodeNpz, isNpz, npzEntries } from "../npz.ts";
import { writeZip } from "../zipWriter.ts";
import { inflateRaw, withFile } from "./fileSource.ts";
import { finish } from "./finish.ts";
import type { Format } from "./format.ts";
import { MAX_UNPACKED, tooLarge } from "./unpack.ts";

const known = new Set(["class_names", "groups", ...Object.values(arrayNames).flat(2)]);

/** numpy's archive of arrays: images and labels, or x_train, y_train, x_test, y_test as Keras has them. */
export const npz: Format = {
  id: "npz",
  name: "an .npz file with arrays images and labels",
  extensions: [".npz"],
  parts: true,
  matches: ({ head }) => isNpz(head),
  open: (path, options) =>
    withFile(path, async (source) => {
      const arrays = await decodeNpz(
        source,
        inflateRaw,
        (name) => known.has(name),
        path,
        (place, size) => {
          if (size > MAX_UNPACKED) throw tooLarge(place, size, "save it by numpy.savez, which does not compress");
        },
      );
      const provenance = { source: path, description: `arrays of ${basename(path)}` };
      const { part, classNames } = options;
      return finish(datasetOfNamedArrays(arrays, part, { what: path, provenance, classNames }), source.size, options);
    }),
  save: (dataset, path) => writeFileAtomic(path, writeZip(npzEntries(dataset), deflateRawSync)),
};
