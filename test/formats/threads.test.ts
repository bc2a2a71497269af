import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dataset } from "../../src/index.ts";
import type * as Node from "../../src/node.ts";
import { Inkling } from "../cli/inkling.ts";
import { gzip, png, tarOf } from "../sources/files.ts";

const FILES = 20_000;

let inkling: Inkling;
let archive = "";
/** What a single thread reads. */
let alone: Dataset;
let aloneChanged: Dataset;
const changed = { resize: [5, 3], channels: 3 } as const;
/** The built library: the sources cannot be run in a thread. */
let node: typeof Node;
beforeAll(async () => {
  inkling = new Inkling();
  node = (await import(pathToFileURL(join(inkling.main, "..", "..", "node.js")).href)) as typeof Node;
  // Threads are started after 16,384 files: enough for several batches of each; some are damaged, empty, or of
  // another kind.
  const files = Array.from({ length: FILES }, (_, n) => {
    const image = png(
      4,
      [0, 1, 2, 3].map((y) => [n & 255, n >> 8, 60 * y, 7]),
    );
    const bytes = n % 97 === 5 ? image.subarray(0, 40) : n % 101 === 7 ? new Uint8Array() : image;
    return [`set/${"ABC"[n % 3]}/${String(n).padStart(5, "0")}.png`, bytes] as const;
  });
  archive = join(inkling.data, "many.tar.gz");
  writeFileSync(archive, gzip(await tarOf(files)));
  alone = await node.openDataset(archive, { threads: 1 });
  aloneChanged = await node.openDataset(archive, { ...changed, threads: 1 });
});
afterAll(() => inkling?.remove());

describe("threads that decode", () => {
  it.each([2, 3])("change nothing: %i", async (threads) => {
    expect(alone.skipped.length).toBeGreaterThan(50);
    expect(alone.labels.length + alone.skipped.length).toBe(FILES);
    expect(await node.openDataset(archive, { threads })).toEqual(alone);
    expect(await node.openDataset(archive, { ...changed, threads })).toEqual(aloneChanged);
  });

  it("stop where that is asked for", async () => {
    const controller = new AbortController();
    // While the threads are at work.
    const onProgress = ({ images }: { readonly images: number }) => {
      if (images > 17_000) controller.abort();
    };
    const opening = node.openDataset(archive, { threads: 3, signal: controller.signal, onProgress });
    await expect(opening).rejects.toMatchObject({ code: "ABORTED" });
  });
});
