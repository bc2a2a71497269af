import { paired } from "./companions.ts";
import type { Entry, Format, ImageFiles } from "./format.ts";
import { partOf } from "./pairs.ts";
import type { Folder, Source } from "./platform.ts";
import { tarEntries } from "./tar.ts";

const isShard = (name: string): boolean => /\.tar$/.test(name) && !name.startsWith(".");

/** A folder of shards: .tar files of images with their classes beside them; those named train-…, val-… and test-… are parts. */
export const webDataset: Format = {
  id: "webdataset",
  name: "a folder of .tar shards of WebDataset",
  extensions: [],
  matches: ({ names }) =>
    names?.some(isShard) === true && names.every((name) => isShard(name) || /^\.|\.(json|txt|md|idx)$/.test(name)),
  files(place: Folder, { signal, classNames }): ImageFiles {
    async function* entries(): AsyncGenerator<Entry> {
      const names = (await place.names()).filter(isShard).sort();
      let before = 0;
      for (const name of names) {
        const shard = (await place.find(name)) as Source;
        const part = /(^|[^a-z])(train|val|valid|validation|test)([^a-z]|$)/i.test(name) ? partOf(name) : undefined;
        for await (const entry of paired(tarEntries(shard, undefined, signal), shard.path, classNames))
          yield { ...entry, name: `${name}/${entry.name}`, part, read: before + entry.read };
        before += shard.size;
      }
    }
    return { description: `images of the shards in ${place.name}`, entries: entries() };
  },
};
