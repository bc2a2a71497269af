import fc from "fast-check";
import { extract } from "tar-stream";
import { expect, it } from "vitest";
import { TarReader } from "../../src/formats/tarReader.ts";
import { writeTar } from "../../src/formats/tarWriter.ts";
import { tarOf } from "../sources/files.ts";

type Files = readonly { readonly name: string; readonly bytes: Uint8Array }[];
const written = (files: Files) => Buffer.concat([...writeTar(files)]);
const asText = (files: Files) => files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString("hex")]);

/** The files in an archive by tar-stream. */
async function readByTarStream(archive: Uint8Array): Promise<Files> {
  const reader = extract();
  reader.end(archive);
  const files = [];
  for await (const entry of reader) {
    const pieces: Uint8Array[] = [];
    for await (const piece of entry) pieces.push(piece as Uint8Array);
    files.push({ name: entry.header.name, bytes: Buffer.concat(pieces) });
  }
  return files;
}

function readByUs(archive: Uint8Array): Files {
  const reader = new TarReader(2 ** 20);
  const entries = reader.push(archive);
  reader.end();
  return entries;
}

const names = [
  ..."/0123456789".slice(1).split(""),
  "A/0001.png",
  "with space/and 'quote'.png",
  "é/ü.png",
  "字/日本.png",
  `${"a".repeat(100)}`,
  `${"a".repeat(101)}`,
  `${"folder/".repeat(20)}file.png`,
  `${"folder/".repeat(40)}file.png`,
  `${"a".repeat(155)}/${"b".repeat(100)}`,
  `${"a".repeat(156)}/${"b".repeat(100)}`,
  `${"a".repeat(155)}/${"b".repeat(101)}`,
  `${"é".repeat(60)}/${"ß".repeat(60)}.png`,
];
const files = names.map((name, i) => ({ name, bytes: new Uint8Array(171 * i).fill(i) }));

it("is what tar-stream writes, byte for byte", async () => {
  const expected = await tarOf(files.map(({ name, bytes }) => [name, bytes]));
  expect(written(files).equals(expected)).toBe(true);
});

it("is read back by tar-stream and by our reader, long names and other scripts too", async () => {
  expect(asText(await readByTarStream(written(files)))).toEqual(asText(files));
  expect(asText(readByUs(written(files)))).toEqual(asText(files));
});

it("is read back whatever the names and contents", async () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 260 })
    .filter((text) => !/\0|^\/|\/$/.test(text) && text.isWellFormed());
  const some = fc.array(fc.record({ name, bytes: fc.uint8Array({ maxLength: 1100 }) }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(some, async (random) => {
      expect(asText(readByUs(written(random)))).toEqual(asText(random));
      expect(asText(await readByTarStream(written(random)))).toEqual(asText(random));
    }),
    { seed: 7, numRuns: 200 },
  );
});
