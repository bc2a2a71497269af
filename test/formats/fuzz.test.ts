/** Mutated files: every parser of data returns a value or an InklingError, soon, and in bounded memory. `npm run fuzz` tries more. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip, deflateRawSync, gzipSync } from "node:zlib";
import { Transformer } from "@napi-rs/image";
import { afterAll, beforeAll, it } from "vitest";
import { type Audit, auditRecord, parseAudit } from "../../src/audit/index.ts";
import { crc32 } from "../../src/base/crc32.ts";
import { InklingError } from "../../src/base/error.ts";
import { formatFixes, parseFixes } from "../../src/datasets/index.ts";
import { decodeIdx, encodeIdx } from "../../src/formats/idx.ts";
import { imageFiles } from "../../src/formats/imageFiles.ts";
import { readCsvFileList, readJsonFileList } from "../../src/formats/listLines.ts";
import { datasetOfNamedArrays } from "../../src/formats/namedArrays.ts";
import { decodeNpy, encodeNpy } from "../../src/formats/npy.ts";
import { decodeNpz, npzEntries } from "../../src/formats/npz.ts";
import { decodePack, encodePack } from "../../src/formats/pack.ts";
import { decodePickle, pickle } from "../../src/formats/pickle/pickle.ts";
import { decodePixelTable, encodePixelTable } from "../../src/formats/pixelTable.ts";
import { memorySource } from "../../src/formats/platform.ts";
import { TarReader } from "../../src/formats/tarReader.ts";
import { readZipDirectory, readZipEntry } from "../../src/formats/zipReader.ts";
import { writeZip } from "../../src/formats/zipWriter.ts";
import { openDataset } from "../../src/node.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { openPlace } from "../../src/sources/openPlace.ts";
import { expectSound, mutations, type Parser, timeout } from "../hostile/mutations.ts";
import { decodeImage } from "../image/decoded.ts";
import { draw, letter, sheet } from "../pictures/pictures/scene.ts";
import { grayJpeg, grayPng, png, tarOf } from "../sources/files.ts";
import { fixture, sorted } from "./datasets.ts";

const lossless = new URL("../image/lossless/", import.meta.url);
const losslessFiles = readdirSync(lossless)
  .filter((name) => !name.endsWith(".py"))
  .map((name) => readFileSync(new URL(name, lossless)));

const dataset = sorted(9, [3, 2, 1], ["A", "B", "C"]);
/** As many images and lines as files of real size have. */
const large = sorted(400, [28, 28, 1], [..."ABCDEFGHIJ"]);
const pictures = [...imageFiles(large)].map(({ name, bytes }) => [name, bytes] as const);
const lines = (line: (n: number) => string) =>
  Array.from(
    { length: 3000 },
    (_, n) => `${line(n)}
`,
  ).join("");
/** Pictures of 0.7 megapixels, in each encoding. */
const photos = async () => {
  const photo = draw(960, 720, sheet(960, 720, "#c94") + letter("R", { x: 200, y: 600, size: 600 }));
  const of = () => Transformer.fromRgbaPixels(photo.data, photo.width, photo.height);
  return [of().pngSync(), of().jpegSync(80), of().webpSync(80), of().webpLosslessSync()];
};
const provenance = { source: "fuzz", description: "fuzz" };
const options = { what: "fuzz", provenance };
const whole = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]);
async function* piecesOf(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 37) yield bytes.subarray(at, at + 37);
}
const drain = async (values: AsyncIterable<unknown>) => {
  for await (const _ of values);
};

/** An archive in which the name A~ has a byte that is not UTF-8. */
function unreadable(archive: Uint8Array): Buffer {
  const bytes = Buffer.from(archive);
  for (let at = bytes.indexOf("A~"); at >= 0; at = bytes.indexOf("A~")) bytes[at + 1] = 0xfc;
  return bytes;
}

const tarSeeds = async () => [
  await tarOf([
    ["A/1.png", grayPng(1)],
    [`B/${"long".repeat(40)}.png`, grayPng(2)],
    [{ name: "l", type: "symlink", linkname: "/" }],
  ]),
  await tarOf([[{ name: "é/1.png", pax: { path: "é/pax.png" } }, grayPng(3)]]),
  repairTar(unreadable(await tarOf([["A~/1.png", grayPng(1)]]))),
];

function readTar(bytes: Uint8Array): void {
  const reader = new TarReader(2 ** 16);
  for (let at = 0; at < bytes.length; at += 700) reader.push(bytes.subarray(at, at + 700));
  reader.end();
}

function repairTar<T extends Uint8Array>(bytes: T): T {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes[at + 257] !== 0x75) continue;
    bytes.fill(32, at + 148, at + 156);
    const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    bytes.set(Buffer.from(`${sum.toString(8).padStart(6, "0")}\0 `), at + 148);
  }
  return bytes;
}

function repairPng(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    view.setUint32(at + 8 + length, crc32(bytes.subarray(at + 4, at + 8 + length)));
    at += 12 + length;
  }
  return bytes;
}

function repairPack(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 76) return bytes;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  const digest = createHash("sha256")
    .update(bytes.subarray(76, 76 + length))
    .digest("hex");
  bytes.set(Buffer.from(digest), 12);
  return bytes;
}

const readZip = async (bytes: Uint8Array) => {
  const source = memorySource(bytes);
  for (const entry of await readZipDirectory(source, "fuzz"))
    if (entry.type === "file" && !entry.unreadable && entry.size < 2 ** 20)
      await readZipEntry(source, entry, nodePlatform.inflateRaw, "fuzz");
};

const audit: Audit = {
  ...{ source: "s", fingerprint: "f", images: 9, imageShape: [3, 2, 1], classNames: ["A", "B"], recipe: "fast" },
  ...{ folds: 4, steps: 500, seed: 1, backend: "wasm", arithmetic: "fma", accuracy: 0.9, noise: 0.1, kept: 0 },
  ...{ thresholds: [0.5, null], joint: [[3, 1]] },
  suspects: [
    {
      ...{ kind: "labelError", row: 1, name: "A/é.png", sha256: "0".repeat(64) },
      ...{ label: "A", suggested: "B", margin: -0.8, probabilities: [0.1, 0.9] },
    },
  ],
};

const parsers: Readonly<Record<string, Parser>> = {
  tar: { seeds: tarSeeds, real: async () => [await tarOf(pictures)], parse: readTar, repair: repairTar },
  gzip: {
    seeds: async () => (await tarSeeds()).map((bytes) => gzipSync(bytes)),
    real: async () => [gzipSync(await tarOf(pictures))],
    async parse(bytes) {
      const reader = new TarReader(2 ** 16);
      const gunzip = createGunzip();
      gunzip.end(bytes);
      try {
        for await (const piece of gunzip) reader.push(piece);
      } catch (cause) {
        if (cause instanceof InklingError) throw cause;
        throw new InklingError("INVALID_DATA", "zlib's own refusal", { cause });
      }
      reader.end();
    },
  },
  image: {
    seeds: async () => [
      ...losslessFiles,
      grayPng(9),
      png(2, [[1, 2, 3, 4, 5, 6]], { kind: "rgb" }),
      png(2, [[1, 2, 3, 4]], { depth: 16 }),
      grayJpeg,
      new Transformer(png(2, [[1, 2, 3, 4, 5, 6]], { kind: "rgb" })).webpLosslessSync(),
    ],
    real: photos,
    parse: decodeImage,
    repair: repairPng,
  },
  source: {
    seeds: async () => [
      (await tarSeeds())[0]!,
      gzipSync((await tarSeeds())[0]!),
      whole(writeZip(imageFiles(dataset))),
      whole(writeZip(npzEntries(dataset), deflateRawSync)),
      whole(encodePixelTable(dataset)),
      await encodePack(dataset),
      readFileSync(fixture("course-4.pickle")),
    ],
    real: async () => [gzipSync(await tarOf(pictures)), await encodePack(large), whole(writeZip(imageFiles(large)))],
    async parse(bytes) {
      await writeFile(join(folder, "source"), bytes);
      await openDataset(join(folder, "source"), { resize: [28, 28] });
    },
  },
  idx: {
    seeds: async () => [encodeIdx(dataset.images, [9, 3, 2]), encodeIdx(dataset.images, [54])],
    real: () => [encodeIdx(large.images, [400, 28, 28])],
    parse: (b) => decodeIdx(b),
  },
  npy: {
    seeds: async () => [
      encodeNpy(dataset.images, [9, 3, 2]),
      encodeNpy(["a", "bc"], [2]),
      readFileSync(fixture("x_train.npy")),
    ],
    real: () => [encodeNpy(large.images, [400, 28, 28])],
    parse(bytes) {
      const images = decodeNpy(bytes);
      const count = Math.min(images.shape[0] ?? 0, 1000);
      if (images.shape.length < 2) return;
      const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
      const arrays = { images, labels: decodeNpy(encodeNpy(labels, [count])) };
      datasetOfNamedArrays(new Map(Object.entries(arrays)), options);
    },
  },
  npz: {
    seeds: async () => [whole(writeZip(npzEntries(dataset), deflateRawSync)), readFileSync(fixture("keras.npz"))],
    real: () => [whole(writeZip(npzEntries(large), deflateRawSync))],
    parse: (bytes) => decodeNpz(memorySource(bytes), nodePlatform.inflateRaw, () => true),
  },
  zip: {
    seeds: async () => [
      whole(
        writeZip([
          { name: "A/1.png", bytes: grayPng(1) },
          { name: "B/2.png", bytes: grayPng(2) },
        ]),
      ),
      unreadable(whole(writeZip([{ name: "A~/1.png", bytes: grayPng(1) }]))),
    ],
    real: () => [whole(writeZip(imageFiles(large), deflateRawSync))],
    parse: readZip,
  },
  pickle: {
    seeds: async () =>
      [2, 3, 4, 5]
        .map((p) => readFileSync(fixture(`course-${p}.pickle`)))
        .concat(readFileSync(fixture("fortran-2.pickle")), readFileSync(fixture("fortran-5.pickle"))),
    real: () =>
      [...pickle.encode!(large, "x", {}, nodePlatform)].map(({ contents }) => whole(contents as Iterable<Uint8Array>)),
    parse: (bytes) => decodePickle(bytes, options),
  },
  csv: {
    seeds: async () => [
      whole(encodePixelTable(dataset)),
      Buffer.from('label,pixel0,pixel1,pixel2,pixel3\r\n"a ""b""",1,2,3,4\r\nc,5,6,7,8'),
      Buffer.from("sep=;\n;1x1;1x2;class\n0;0,5;1;gr\xfc\xdfe\r1;0;0,25; klein\n", "latin1"),
      Buffer.from("\ufefflabel\tp3\tp0\tp1\tp2\na\t1\t2\t3\t4\nb\t5\t6\t7\t8\n", "utf16le"),
      Buffer.from(Array.from({ length: 6 }, (_, n) => `${n % 3},${n},200,0,7,9,0,1,0,255\n`).join("")),
    ],
    real: () => [whole(encodePixelTable(large))],
    parse: (bytes) => decodePixelTable(piecesOf(bytes), "fuzz", provenance),
  },
  list: {
    seeds: async () => [
      Buffer.from('file,label\n"a,b.png",A\nc.png,B\n'),
      Buffer.from("label,path\nA,x\n"),
      Buffer.from("a.png;A\n\nb.png;B\n"),
    ],
    real: () => [Buffer.from(`file,label\n${lines((n) => `"${n}/a,b.png",${n % 10}`)}`)],
    parse: (bytes) => drain(readCsvFileList(piecesOf(bytes), "fuzz").files),
  },
  jsonl: {
    seeds: async () => [Buffer.from('{"file":"a.png","label":"A"}\n{"path":"b","class":3}\n')],
    real: () => [Buffer.from(lines((n) => `{"file":"${n}.png","label":"${n % 10}"}`))],
    parse: (bytes) => drain(readJsonFileList(piecesOf(bytes), "fuzz").files),
  },
  fixes: {
    seeds: async () => {
      const target = { sha256: "0".repeat(64), label: "A" };
      const fixes = [
        { action: "drop", name: "A/é.png", ...target },
        { action: "relabel", to: "B", ...target },
      ] as const;
      return [
        { imageShape: [28, 28, 1], fixes } as const,
        { source: "s", imageShape: [1, 1, 3], fixes: [] } as const,
      ].map((some) => Buffer.from(formatFixes(some)));
    },
    real: () => {
      const fixes = Array.from(
        { length: 2000 },
        (_, n) => ({ action: "relabel", name: `${n}.png`, sha256: "0".repeat(64), label: "A", to: "B" }) as const,
      );
      return [Buffer.from(formatFixes({ imageShape: [28, 28, 1], fixes }))];
    },
    parse: (bytes) => parseFixes(new TextDecoder().decode(bytes)),
  },
  audit: {
    seeds: async () => [Buffer.from(JSON.stringify(auditRecord(audit)))],
    real: () => [Buffer.from(JSON.stringify(auditRecord({ ...audit, suspects: Array(1000).fill(audit.suspects[0]) })))],
    parse: (bytes) => parseAudit(new TextDecoder().decode(bytes)),
  },
  cifar: {
    seeds: async () => [readFileSync(fixture("cifar_data_batch_1"))],
    parse: (bytes) => openPlace(memorySource(bytes, "data_batch_1"), {}, nodePlatform),
  },
  mat: {
    seeds: async () => ["svhn", "svhn-compressed", "rows"].map((name) => readFileSync(fixture(`${name}.mat`))),
    parse: (bytes) => openPlace(memorySource(bytes, "a.mat"), {}, nodePlatform),
  },
  drawings: {
    seeds: async () => [
      Buffer.from(
        [
          '{"word":"cat","countrycode":"CH","recognized":true,"drawing":[[[0,255,3],[7,9,255]],[[1],[2]]]}',
          '{"word":"dog","countrycode":"CH","recognized":true,"drawing":[[[0,255],[7,9],[0,40]]]}',
        ].join("\n"),
      ),
    ],
    real: () => [Buffer.from(lines((n) => `{"word":"${n % 10}","drawing":[[[0,${n % 256},3],[7,9,255]],[[1],[2]]]}`))],
    parse: (bytes) => openPlace(memorySource(bytes, "a.ndjson"), {}, nodePlatform),
  },
  parquet: {
    seeds: async () =>
      ["train-00000-of-00002", "train-gzip", "train-zstd", "flat"].map((name) =>
        readFileSync(fixture(`parquet/${name}.parquet`)),
      ),
    parse: (bytes) => openPlace(memorySource(bytes, "train.parquet"), {}, nodePlatform),
  },
  pack: {
    seeds: async () => {
      const named = { ...dataset, names: Array.from(dataset.labels, (_, i) => `A/${i}.png`) };
      return [await encodePack(dataset), await encodePack(named), await encodePack(named, { compress: false })];
    },
    real: async () => [await encodePack(large), await encodePack(large, { compress: false })],
    parse: decodePack,
    repair: repairPack,
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inkling-fuzz-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(Object.entries(parsers))("%s: mutated files are read or refused", { timeout }, (name, parser) =>
  expectSound(name, parser, mutations(400)),
);
