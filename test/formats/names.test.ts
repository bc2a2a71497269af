import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../src/base/crc32.ts";
import { decodeNames, guessEncoding, nameBytes, nameOf } from "../../src/formats/encodings.ts";
import { memorySource } from "../../src/formats/platform.ts";
import { readZipDirectory } from "../../src/formats/zipReader.ts";
import { writeZip } from "../../src/formats/zipWriter.ts";
import { openDataset } from "../../src/node.ts";
import { grayPng, gzip, tarOf } from "../sources/files.ts";
import { failure, withFolder } from "./datasets.ts";

fc.configureGlobal({ seed: 9 });

/** Words as Python encodes them. */
const words: Readonly<Record<string, readonly (readonly [hex: string, text: string])[]>> = {
  cp437: [
    ["6772 94e1 65", "größe"],
    ["6772 81e1 65", "grüße"],
    ["6e69a46f", "niño"],
    ["82", "é"],
  ],
  cp850: [
    ["53c66f", "São"],
    ["4187c66f", "Ação"],
    ["b56261636f", "Ábaco"],
  ],
  "windows-1252": [
    ["6772f6df65", "größe"],
    ["c47066656c", "Äpfel"],
    ["9c7566", "œuf"],
  ],
  gbk: [
    ["b9b7", "狗"],
    ["d0a1b9b7", "小狗"],
  ],
  shift_jis: [
    ["8ca2", "犬"],
    ["82cb82b1", "ねこ"],
    ["836583588367955c", "テスト表"],
  ],
  "windows-1251": [["eaeef8eae0", "кошка"]],
  ibm866: [["aaaee8aaa0", "кошка"]],
};
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

describe("guessEncoding", () => {
  it.each(Object.entries(words))("tells %s", (name, texts) => {
    const all = texts.map(([hex]) => bytesOf(hex));
    for (const dos of name === "cp437" || name === "cp850" ? [true] : [true, false]) {
      const guess = guessEncoding(all, dos);
      expect(guess?.name).toBe(name);
      expect(all.map((bytes) => guess!.decode(bytes))).toEqual(texts.map(([, text]) => text));
    }
  });

  it("guesses nothing of bytes that are no letters, which are then escaped", () => {
    expect(guessEncoding([Uint8Array.of(0x80, 0xb0, 0xff, 0x80)])).toBeUndefined();
    const { textOf, notes } = decodeNames([nameOf(Uint8Array.of(0x61, 0xb0, 0x2f, 0x62))]);
    expect(textOf(nameOf(Uint8Array.of(0x61, 0xb0, 0x2f, 0x62)))).toBe("a\\xb0/b");
    expect(notes.join()).toMatch(/with their bytes escaped, such as/);
  });
});

it("makes of names text from which their bytes come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.boolean(), (bytes, dos) => {
      const name = nameOf(bytes);
      expect([...nameBytes(name)]).toEqual([...bytes]);
      expect(decodeNames([name], dos).textOf(name)).not.toMatch(/[\udc80-\udcff]/u);
    }),
  );
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => nameOf(Buffer.from(text)) === text));
});

type Files = readonly (readonly [name: Uint8Array, image: Buffer])[];

/** An archive whose names are these bytes: it is written with other names of the same lengths, which are then replaced. */
function zipOf(files: Files, extraOf?: (name: Uint8Array) => Uint8Array): Buffer {
  const stand = (name: Uint8Array, i: number) => String(i).padStart(name.length, "~").slice(-name.length);
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [i, [name, bytes]] of files.entries()) {
    const archive = Buffer.concat([...writeZip([{ name: stand(name, i), bytes }])]);
    const centralAt = 30 + name.length + bytes.length;
    const local = Buffer.from(archive.subarray(0, centralAt));
    const central = Buffer.from(archive.subarray(centralAt, centralAt + 46 + name.length));
    local.set(name, 30);
    central.set(name, 46);
    local.writeUInt16LE(0, 6);
    central.writeUInt16LE(0, 8);
    central.writeUInt32LE(at, 42);
    const extra = extraOf?.(name) ?? new Uint8Array();
    central.writeUInt16LE(extra.length, 30);
    parts.push(local);
    directory.push(central, Buffer.from(extra));
    at += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  for (const field of [8, 10]) end.writeUInt16LE(files.length, field);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

async function tarWith(files: Files): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const [name, bytes] of files) {
    const one = await tarOf([["x".repeat(name.length), bytes]]);
    one.set(name, 0);
    one.fill(32, 148, 156);
    const sum = one.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    one.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    parts.push(one.subarray(0, one.length - 1024));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

const opened = (name: string, bytes: Uint8Array) =>
  withFolder(async (folder) => {
    await writeFile(join(folder, name), bytes);
    return openDataset(join(folder, name));
  });
const inFolder = async (files: Files) =>
  withFolder(async (folder) => {
    for (const [name, bytes] of files) {
      const parts = Buffer.from(name).toString("latin1").split("/");
      const way = (n: number) =>
        Buffer.from(`${Buffer.from(join(folder, "set")).toString("latin1")}/${parts.slice(0, n).join("/")}`, "latin1");
      await mkdir(way(parts.length - 1), { recursive: true });
      await writeFile(way(parts.length), bytes);
    }
    return openDataset(join(folder, "set"));
  });
const forms: Readonly<Record<string, (files: Files) => ReturnType<typeof openDataset>>> = {
  zip: async (files) => opened("a.zip", zipOf(files)),
  tar: async (files) => opened("a.tar", await tarWith(files)),
  "tar.gz": async (files) => opened("a.tar.gz", gzip(await tarWith(files))),
  ...(process.platform === "linux" && { folder: inFolder }),
};
const named = (folder: Uint8Array, file: string) => Buffer.concat([folder, Buffer.from(`/${file}`)]);
const sets = (encoding: string): Files =>
  words[encoding]!.flatMap(([hex], k) =>
    [0, 1, 2].map((i) => [named(bytesOf(hex), `${i}.png`), grayPng(10 * k + i)] as const),
  );

describe.each(Object.entries(forms))("names of files in a %s", (form, open) => {
  it.each(form === "zip" ? ["cp437", "cp850", "gbk", "shift_jis"] : ["windows-1252", "gbk", "shift_jis"])(
    "that are not UTF-8 are read by a stated guess: %s",
    async (encoding) => {
      const dataset = await open(sets(encoding));
      expect(dataset.classNames).toEqual(words[encoding]!.map(([, text]) => text).sort());
      expect(dataset.labels.length).toBe(3 * words[encoding]!.length);
      expect(dataset.provenance.reading).toContain(`names that are not UTF-8 read as ${encoding} (a guess)`);
    },
  );

  it("never collide: there are as many images as names", async () => {
    const byte = fc.oneof(fc.integer({ min: 0x61, max: 0x63 }), fc.integer({ min: 0x80, max: 0xff }));
    const component = fc.array(byte, { minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes));
    const names = fc.uniqueArray(fc.tuple(component, component), {
      minLength: 2,
      maxLength: 8,
      selector: ([a, b]) => `${a.toString("hex")}/${b.toString("hex")}`,
    });
    await fc.assert(
      fc.asyncProperty(names, async (all) => {
        const files: Files = all.map(([folder, file], i) => [
          Buffer.concat([folder, Buffer.from("/"), file]),
          grayPng(i),
        ]);
        const folders = new Set(all.map(([folder]) => folder.toString("hex")));
        if (folders.size < 2) return;
        const dataset = await open(files);
        expect(dataset.labels.length).toBe(files.length);
        expect(dataset.images.filter((_, i) => i % 4 === 0).toSorted()).toEqual(Uint8Array.from(files, (_, i) => i));
        expect(new Set(dataset.names).size).toBe(files.length);
      }),
      { numRuns: 40 },
    );
  });

  it("join a class in two Unicode forms and with blanks, and note names that differ in case", async () => {
    const of = (folder: string, n: number) => [Buffer.from(`${folder}/${n}.png`), grayPng(n)] as const;
    const dataset = await open([
      of("\u00e9t\u00e9", 1),
      of("e\u0301te\u0301", 2),
      of("Cat", 3),
      of("cat", 4),
      of("cat ", 5),
    ]);
    expect(dataset.classNames).toEqual(["Cat", "cat", "\u00e9t\u00e9"]);
    expect([...dataset.labels]).toEqual([0, 1, 1, 2, 2]);
    expect(dataset.names).toContain("e\u0301te\u0301/2.png");
    expect(dataset.provenance.reading).toContain(
      '2 classes in several spellings (blanks or Unicode forms) read as one: "cat", "été"',
    );
    expect(dataset.provenance.reading).toContain('classes that differ only in case: "Cat", "cat"');
  });

  it.skipIf(form === "folder")("replace one another only if their bytes are the same, which is said", async () => {
    const of = (folder: Uint8Array, n: number) => [named(folder, "1.png"), grayPng(n)] as const;
    const [e, latin] = [Buffer.from("\u00e9"), Buffer.from("\u00e9", "latin1")];
    const dataset = await open([of(e, 1), of(latin, 2), of(Buffer.from("b"), 3), of(e, 4)]);
    expect(dataset.labels.length).toBe(3);
    expect([...dataset.images].filter((_, i) => i % 4 === 0).sort()).toEqual([2, 3, 4]);
    expect(dataset.provenance.reading).toContain(
      "one file replaced by a later one of the same name, as when extracting",
    );
  });

  it("are refused where there is one class only", async () => {
    expect((await failure(open(sets("gbk").slice(0, 3)))).message).toMatch(/only one class, "狗"/);
  });
});

describe("a .zip archive", () => {
  const latin = Buffer.from("gr\u00fc\u00dfe", "latin1");
  const unicodePath = (name: Uint8Array, sum = crc32(name)) => {
    const text = Buffer.from(name).toString("latin1");
    const field = Buffer.alloc(9 + Buffer.byteLength(text));
    field.writeUInt16LE(0x7075, 0);
    field.writeUInt16LE(5 + Buffer.byteLength(text), 2);
    field[4] = 1;
    field.writeUInt32LE(sum, 5);
    field.write(text, 9);
    return field;
  };

  it("has the names of Info-ZIP's field, if its checksum is that of the name", async () => {
    const nameIn = async (archive: Buffer) => (await readZipDirectory(memorySource(archive), "a"))[0]!.name;
    const files: Files = [[named(latin, "1.png"), grayPng(1)]];
    expect(await nameIn(zipOf(files, (name) => unicodePath(name)))).toBe("gr\u00fc\u00dfe/1.png");
    expect(await nameIn(zipOf(files, (name) => unicodePath(name, 1)))).toBe(nameOf(named(latin, "1.png")));
  });

  it("has names of one encoding, even those that happen to be UTF-8, unless they are marked as such", async () => {
    const cat = named(bytesOf("c3a8"), "1.png");
    const files: Files = [...sets("gbk"), [cat, grayPng(9)]];
    expect((await opened("a.zip", zipOf(files))).classNames).toEqual(["小狗", "狗", "猫"]);
    expect(
      (
        await opened(
          "a.zip",
          zipOf([
            [named(bytesOf("62"), "1.png"), grayPng(1)],
            [cat, grayPng(9)],
          ]),
        )
      ).classNames,
    ).toEqual(["b", "\u00e8"]);
  });

  it("may have backslashes for slashes, unless they are parts of characters", async () => {
    const nameIn = async (name: Uint8Array) =>
      (await readZipDirectory(memorySource(zipOf([[name, grayPng(1)]])), "a"))[0]!.name;
    expect(await nameIn(Buffer.from("a\\1.png"))).toBe("a/1.png");
    expect(await nameIn(Buffer.concat([latin, Buffer.from("\\1.png")]))).toBe(nameOf(named(latin, "1.png")));
    const table = named(bytesOf("955c"), "1.png");
    expect(await nameIn(table)).toBe(nameOf(table));
  });
});

it("reads names of pax headers whatever their bytes", async () => {
  const files = ["\u00e9", "b"].map(
    (folder, n) => [{ name: "x", pax: { path: `${folder}/1.png` } }, grayPng(n)] as const,
  );
  const tar = await tarOf(files);
  expect((await opened("a.tar", tar)).classNames).toEqual(["b", "\u00e9"]);
  const at = tar.indexOf(Buffer.from("\u00e9"));
  tar.set([0xfc, 0xdf], at);
  expect((await opened("a.tar", tar)).classNames).toEqual(["b", "\u00fc\u00df"]);
});
