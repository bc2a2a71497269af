// Not public, so of the compiled modules that the package is bundled from: what opens data sets in a page uses it.
import { sha256 } from "./compiled/base/sha256.js";
import { encodePng } from "./compiled/image/encodePng.js";
import { DecodePool, webWorkers } from "./compiled/image/pool.js";

/** Batches after which a pool has started its threads. */
const ALONE = 65;
const FILES_AT_ONCE = 10;

/**
 * What becomes of files that come in base64: of the pixels, and of these as PNG, the SHA-256; or why there are none. With the
 * number of batches that Web Workers decoded.
 */
export async function decodeAll(files, threads) {
  let byWorkers = 0;
  const counted = {
    ...webWorkers,
    start(answer, fail) {
      const count = (decoded) => {
        byWorkers++;
        answer(decoded);
      };
      return webWorkers.start(count, fail);
    },
  };
  const pool = await DecodePool.open({}, counted, threads);
  for (let i = 0; i < ALONE; i++) pool.decode([]);
  const bytes = files.map((file) => Uint8Array.from(atob(file), (character) => character.charCodeAt(0)));
  const batches = [];
  for (let at = 0; at < bytes.length; at += FILES_AT_ONCE)
    batches.push(pool.decode(bytes.slice(at, at + FILES_AT_ONCE)));
  const images = (await Promise.all(batches)).flat();
  pool.close();
  return { files: await Promise.all(images.map(digest)), byWorkers };
}

async function digest(image) {
  if (typeof image === "string") return image;
  const { height, width, channels, pixels } = image;
  const png = encodePng(pixels, [height, width, channels]);
  return { shape: [height, width, channels], pixels: await sha256(pixels), png: await sha256(png) };
}
