import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../src/base/sha256.ts";
import { decodeFiles } from "../../src/image/decodeBatch.ts";
import { loadDecoder } from "../../src/image/decoder.ts";
import { encodePng } from "../../src/image/encodePng.ts";
import { pictureFiles } from "../image/files.ts";
import { grayPng, png } from "../sources/files.ts";
import { chromiumPath, Site } from "./site.ts";

const files = [
  ...pictureFiles.map(([, bytes]) => bytes),
  png(3, [[0, 0, 1, 2, 255, 255]], { depth: 16 }),
  grayPng(1).subarray(0, 45),
  Buffer.from("read me"),
  png(60_000, Array(60_000).fill([1])),
  ...pictureFiles.map(([, bytes]) => bytes.subarray(0, bytes.length / 2)),
];

/** What a page says. */
interface Page {
  readonly files: readonly unknown[];
  /** Batches that Web Workers decoded. */
  readonly byWorkers: number;
}

describe.skipIf(!chromiumPath)("in Chromium, if there is one: pictures", () => {
  const site = new Site("pictures");
  let node: readonly unknown[];
  beforeAll(async () => {
    await site.make();
    node = await Promise.all(
      decodeFiles(await loadDecoder(), files, {}).map(async (image) => {
        if (typeof image === "string") return image;
        const { height, width, channels, pixels } = image;
        const bytes = encodePng(pixels, [height, width, channels]);
        return { shape: [height, width, channels], pixels: await sha256(pixels), png: await sha256(bytes) };
      }),
    );
  }, 300_000);
  afterAll(() => site.remove());

  it.each([
    ["in a page", 1, false],
    ["in a page and two Web Workers", 3, false],
    ["in a worker", 1, true],
    ["in a worker that starts another", 2, true],
  ])(
    "have Node's pixels, Node's reasons and Node's PNG, without cross-origin isolation: %s",
    async (_, threads, inWorker) => {
      const address = await site.serve({ isolated: false });
      const encoded = files.map((bytes) => bytes.toString("base64"));
      const page = await site.evaluate<Page>(address, "decodeAll", encoded, threads, inWorker);
      expect(page.files).toEqual(node);
      expect(page.byWorkers > 0).toBe(threads > 1);
    },
  );

  it("are decoded by a file that a page loads when it needs it", () => {
    const scripts = site.scripts().filter(({ name }) => /decoderModule/.test(name));
    expect(scripts.length).toBeGreaterThan(0);
    for (const { text } of scripts) expect(gzipSync(text).length).toBeLessThan(240_000);
    // A worker is bundled as one script, which cannot load another later.
    const others = site.scripts().filter(({ name }) => !/decoderModule|worker/i.test(name));
    expect(others.length).toBeGreaterThan(0);
    for (const { name, text } of others) expect([name, text.length < 260_000]).toEqual([name, true]);
  });
});
