/** Decodes the files named on standard input, one a line; prints a line of JSON for each. Needs dist/ (npm run build). */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { decodeImage } from "../../dist/image/decode.js";
import { loadDecoder } from "../../dist/image/decoder.js";

const decoder = await loadDecoder();
for await (const file of createInterface({ input: process.stdin })) {
  let result;
  try {
    const { height, width, channels, pixels } = decodeImage(decoder, readFileSync(file));
    result = { shape: [height, width, channels], pixels: Buffer.from(pixels).toString("base64") };
  } catch (error) {
    result = { reason: error.message };
  }
  process.stdout.write(`${JSON.stringify({ file, ...result })}\n`);
}
