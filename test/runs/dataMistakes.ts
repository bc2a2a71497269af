import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { savePack } from "../../src/node.ts";
import { chunk, grayPng, gzip, png, tarOf } from "../sources/files.ts";
import { bars } from "../training/data.ts";
import type { CommandLine } from "./cli.ts";
import type { Mistake } from "./mistakes.ts";

/** Writes files before a command. */
const given =
  (files: Readonly<Record<string, Uint8Array | string | (() => Promise<Uint8Array>)>>) =>
  async ({ folder }: CommandLine): Promise<void> => {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, typeof content === "function" ? await content() : content);
    }
  };

const letters = ["A", "B"].flatMap((name) => [1, 2, 3].map((n) => [`set/${name}/${n}.png`, grayPng(70 * n)] as const));
const archive = async () => gzip(await tarOf(letters));
const inspect = (what: string, source: string, files: Parameters<typeof given>[0] = {}): Mistake => ({
  what,
  command: ["data", "inspect", source],
  prepare: given(files),
});
const pack = (what: string, source: string, files: Parameters<typeof given>[0]): Mistake => ({
  what,
  command: ["data", "pack", source, `${source}.inkling`],
  prepare: given(files),
});

/** An array of whole numbers as numpy saves it. */
function npy(dtype: "|u1" | "<i4", shape: readonly number[], values: readonly number[]): Uint8Array {
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape.map((extent) => `${extent},`).join("")}), }`;
  const header = text.padEnd(117, " ").concat("\n");
  const bytes = dtype === "|u1" ? Uint8Array.from(values) : new Uint8Array(Int32Array.from(values).buffer);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"), Buffer.from(header), bytes]);
}
const images = npy("|u1", [4, 2, 2], [...Array(16).keys()]);

/** A PNG of a few bytes that says it has 400 million pixels. */
function hugePng(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(20_000, 0);
  header.writeUInt32BE(20_000, 4);
  header.set([8, 0], 8);
  const file = grayPng(1);
  return Buffer.concat([file.subarray(0, 8), chunk("IHDR", header), file.subarray(33)]);
}

/** An uncompressed `.inkling` file with one byte of an image changed. */
async function damagedPack({ folder }: CommandLine): Promise<void> {
  const path = join(folder, "bit.inkling");
  await savePack(bars(200), path, { compress: false });
  const bytes = await readFile(path);
  bytes[bytes.length - 200 * (64 + 2 + 4) + 3 * 64]! ^= 1;
  await writeFile(path, bytes);
}

/** Every mistake around data sets and pictures, in the order of docs/errors.md. */
export const dataMistakes: readonly Mistake[] = [
  inspect("a source that does not exist", "nowhere"),
  inspect("an empty file", "empty.tar.gz", { "empty.tar.gz": "" }),
  inspect("a file in an unsupported format", "notes.txt", { "notes.txt": "read me" }),
  inspect("a truncated archive", "half.tar.gz", {
    "half.tar.gz": async () => {
      const whole = await archive();
      return whole.subarray(0, whole.length / 2);
    },
  }),
  inspect("an archive without images", "texts.tar.gz", {
    "texts.tar.gz": async () => gzip(await tarOf([["set/A/1.txt", Buffer.from("read me")]])),
  }),
  inspect("a folder without images", "bare", { "bare/A/.keep": "", "bare/B/.keep": "" }),
  pack("files that are not images: they are skipped", "some", {
    ...Object.fromEntries(letters.map(([path, bytes]) => [path.replace("set", "some"), bytes])),
    "some/A/empty.png": "",
    "some/A/text.png": "read me",
    "some/B/cut.png": grayPng(1).subarray(0, 45),
    "some/B/huge.png": hugePng(),
  }),
  inspect("a folder in which no file is an image", "none", { "none/A/1.png": "no image", "none/B/1.png": "no image" }),
  pack("a class without images: it is skipped", "gap", {
    ...Object.fromEntries(letters.map(([path, bytes]) => [path.replace("set", "gap"), bytes])),
    "gap/C/notes.txt": "to be drawn",
  }),
  inspect("a single class", "one", { "one/A/1.png": grayPng(1), "one/A/2.png": grayPng(2) }),
  inspect("images of different sizes", "sizes", {
    "sizes/A/1.png": grayPng(1),
    "sizes/B/1.png": png(3, [[1, 2, 3]]),
  }),
  inspect("fewer labels than images", "few-images.npy", {
    "few-images.npy": images,
    "few-labels.npy": npy("|u1", [3], [0, 1, 0]),
  }),
  inspect("labels out of range", "range-images.npy", {
    "range-images.npy": images,
    "range-labels.npy": npy("<i4", [4], [0, 1, -1, 70000]),
  }),
  {
    what: "a truncated .inkling file",
    command: ["train", "short.inkling", "--steps", "5", "--out", "short"],
    prepare: async ({ folder }) => {
      await savePack(bars(20), join(folder, "short.inkling"));
      await truncate(join(folder, "short.inkling"), 900);
    },
  },
  {
    what: "a damaged image in an uncompressed .inkling file",
    command: ["train", "bit.inkling", "--recipe", "small.mjs", "--steps", "60", "--out", "bit"],
    prepare: damagedPack,
  },
  {
    what: "more images requested than there are",
    command: ["train", "bars.inkling", "--training-size", "1000", "--out", "many"],
  },
  { what: "packing into a file that already exists", command: ["data", "pack", "bars.inkling", "others.inkling"] },
  { what: "predicting with something that is not a run", command: ["predict", "nowhere", "picture.png"] },
  ...["picture.png", "empty.png", "text.png", "cut.png", "huge.png"].map(
    (name, i): Mistake => ({
      what: [
        "a picture that does not exist",
        "an empty picture",
        "a file that is not a picture",
        "a truncated picture",
        "a picture that is too large",
      ][i]!,
      command: ["predict", "base", `pictures/${name}`],
      prepare: given({
        "pictures/empty.png": "",
        "pictures/text.png": "read me",
        "pictures/cut.png": grayPng(1).subarray(0, 45),
        "pictures/huge.png": hugePng(),
      }),
    }),
  ),
  { what: "a folder without pictures", command: ["predict", "base", "bare"] },
];
