import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { contrastProblem } from "../../src/datasets/statistics.ts";
import { encodeNpy } from "../../src/formats/npy.ts";
import { decodeNpz } from "../../src/formats/npz.ts";
import { type InflateRaw, memorySource } from "../../src/formats/platform.ts";
import { TarReader } from "../../src/formats/tarReader.ts";
import { readZipDirectory } from "../../src/formats/zipReader.ts";
import { writeZip } from "../../src/formats/zipWriter.ts";
import { openDataset } from "../../src/node.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { openPlace } from "../../src/sources/openPlace.ts";
import { decodeImage } from "../image/decoded.ts";
import { grayPng, png, tarOf } from "../sources/files.ts";
import { failure, withFolder } from "./datasets.ts";

const good = Array.from({ length: 8 }, (_, i) => ({ name: `${"AB"[i % 2]}/${i}.png`, bytes: grayPng(i) }));
const whole = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]);
const skippedBy = async (bytes: Uint8Array) =>
  withFolder(async (folder) => {
    await writeFile(join(folder, "source"), bytes);
    const { skipped, labels } = await openDataset(join(folder, "source"));
    expect(labels.length).toBe(8);
    expect(await readdir(folder)).toEqual(["source"]);
    return Object.fromEntries(skipped.map(({ name, reason }) => [name, reason]));
  });

describe("archives", () => {
  const hostile = ["../up/1.png", "/etc/1.png", "A/../../B/2.png", "..\\A\\3.png"];
  const reasons = [
    'its name contains ".."',
    "its name is absolute",
    'its name contains ".."',
    'its name contains ".."',
  ];
  const expected = Object.fromEntries(hostile.map((name, i) => [name, reasons[i]]));

  it("have names that lead elsewhere, links and devices skipped by name: tar", async () => {
    const special = (["symlink", "link", "character-device", "block-device", "fifo"] as const).map(
      (type) => [{ name: `A/${type}.png`, type, linkname: "/etc/passwd" }] as const,
    );
    const files = [
      ...good.map(({ name, bytes }) => [name, bytes] as const),
      ...hostile.map((name) => [name, grayPng(1)] as const),
    ];
    const skipped = await skippedBy(await tarOf([...files, ...special]));
    expect(skipped).toMatchObject(expected);
    for (const [{ name }] of special) expect(skipped[name]).toBe("a link or a device, which is not followed");
  });

  it("have names that lead elsewhere and links skipped by name: zip", async () => {
    // Windows writes "\\" where .zip has "/", so it is read as that.
    const asRead = Object.fromEntries(
      Object.entries(expected).map(([name, reason]) => [name.replaceAll("\\", "/"), reason]),
    );
    const bytes = whole(
      writeZip([
        ...good,
        ...hostile.map((name) => ({ name, bytes: grayPng(1) })),
        { name: "A/link", bytes: Buffer.from("/etc/passwd") },
      ]),
    );
    // The last header of the directory is the link's: made by Unix, with the mode of a symbolic link.
    const header = bytes.lastIndexOf(Buffer.of(0x50, 0x4b, 1, 2));
    bytes[header + 5] = 3;
    bytes.writeUInt32LE(0xa1ff0000, header + 38);
    expect(await skippedBy(bytes)).toEqual({ ...asRead, "A/link": "a link or a device, which is not followed" });
  });

  it("lose only the file that is encrypted, packed otherwise, or damaged: zip", async () => {
    const bytes = whole(
      writeZip([...good, ...["x", "y", "z"].map((n) => ({ name: `A/${n}.png`, bytes: grayPng(2) }))]),
    );
    const headers: number[] = [];
    for (let at = bytes.indexOf("PK\x01\x02"); at >= 0; at = bytes.indexOf("PK\x01\x02", at + 1)) headers.push(at);
    bytes[headers[8]! + 8]! |= 1;
    bytes.writeUInt32LE(bytes.readUInt32LE(headers[8]! + 24) - 12, headers[8]! + 24);
    bytes[headers[9]! + 10] = 12;
    bytes[headers[10]! + 16]! ^= 1;
    expect(await skippedBy(bytes)).toEqual({
      "A/x.png": "it is encrypted; save the archive without a password",
      "A/y.png": "it is compressed with bzip2, which is not supported; make the archive with Deflate, as is usual",
      "A/z.png": expect.stringMatching(/the checksum of A\/z.png is wrong/),
    });
  });

  it("are called what they are if they are split, or of a format that is not read", async () => {
    const split = whole(writeZip(good));
    split.writeUInt16LE(2, split.length - 22 + 4);
    await expect(readZipDirectory(memorySource(split), "a.zip")).rejects.toThrow(
      "a.zip: it is the last part of a split archive; join the parts first",
    );
    const starts: Readonly<Record<string, string>> = {
      "PK\x07\x08PK\x03\x04": "is part of a split .zip archive; join the parts first",
      "Rar!\x1a\x07\0": "is a RAR archive, which is not supported; unpack it and use the folder",
      "7z\xbc\xaf\x27\x1c": "is a 7-Zip archive",
      "\xfd7zXZ\0": "is compressed with xz",
      BZh91AY: "is compressed with bzip2",
      "MZ\x90\0": "is a program, perhaps a self-extracting archive",
      "#!/bin/sh\n": "is a script, perhaps a self-extracting archive",
      "\x89HDF\r\n\x1a\n": "is an HDF5 file, which is not supported; save its arrays with numpy.savez",
    };
    for (const [start, what] of Object.entries(starts)) {
      const source = memorySource(Buffer.concat([Buffer.from(start, "latin1"), Buffer.alloc(600, 1)]), "source");
      const { code, message } = await failure(openPlace(source, {}, nodePlatform));
      expect(code).toBe("UNKNOWN_FORMAT");
      expect(message).toMatch(`source ${what}`);
    }
  });

  it("lose only a file that is sparse: tar", async () => {
    const files = good.map(({ name, bytes }) => [name, bytes] as const);
    const sparse = await tarOf([
      [{ name: "A/s.png", pax: { "GNU.sparse.major": "1", "GNU.sparse.name": "A/s.png" } }, grayPng(1)],
    ]);
    const old = await tarOf([["A/o.png", grayPng(1)]]);
    old[156] = "S".charCodeAt(0);
    old.fill(32, 148, 156);
    const sum = old.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    old.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    // The two blocks of zeros at the end of an archive are left out where another follows.
    const joined = Buffer.concat([sparse.subarray(0, -1024), old.subarray(0, -1024), await tarOf(files)]);
    const reason = "it is stored as a sparse file, which is not supported; make the archive without --sparse";
    expect(await skippedBy(joined)).toEqual({ "A/s.png": reason, "A/o.png": reason });
  });

  it("cannot hold the same bytes many times over, nor more than they claim: zip", async () => {
    const bytes = whole(writeZip(good));
    const last = bytes.lastIndexOf(Buffer.of(0x50, 0x4b, 1, 2));
    const twice = Buffer.from(bytes);
    twice.writeUInt32LE(0, last + 42);
    await expect(readZipDirectory(memorySource(twice), "bomb")).rejects.toThrow(/overlap those after them/);
    const bomb = whole(writeZip([...good, { name: "A/bomb.png", bytes: Buffer.alloc(2 ** 24) }], deflateRawSync));
    const header = bomb.lastIndexOf(Buffer.of(0x50, 0x4b, 1, 2));
    bomb.writeUInt32LE(1000, header + 24);
    expect(await skippedBy(bomb)).toEqual({
      "A/bomb.png": expect.stringMatching(/A\/bomb.png cannot be decompressed/),
    });
  });

  it("count more than 65,535 files: zip", async () => {
    const many = function* () {
      for (let i = 0; i < 70_000; i++) yield { name: String(i), bytes: new Uint8Array() };
    };
    expect((await readZipDirectory(memorySource(whole(writeZip(many()))), "many")).length).toBe(70_000);
  });

  it("are read in little memory though they unpack to much: tar.gz", async () => {
    const bomb = gzipSync(
      await tarOf([...good.map(({ name, bytes }) => [name, bytes] as const), ["A/bomb", Buffer.alloc(2 ** 27)]]),
    );
    expect(await skippedBy(bomb)).toEqual({ "A/bomb": "the file is larger than 33554432 bytes" });
    const reader = new TarReader(2 ** 20);
    let most = 0;
    const unpacked = gunzipSync(bomb);
    for (let at = 0; at < unpacked.length; at += 2 ** 16) {
      reader.push(unpacked.subarray(at, at + 2 ** 16));
      most = Math.max(most, reader.heldBytes);
    }
    expect(most).toBeLessThan(2 ** 16);
  });

  it("need their end: tar", async () => {
    const bytes = await tarOf([
      ["A/1.png", grayPng(1)],
      ["B/1.png", grayPng(2)],
    ]);
    const cut = new TarReader(1000);
    cut.push(bytes.subarray(0, 1024));
    expect(() => cut.end()).toThrow(/before its end mark/);
    for (const size of [1, 511, 513, 4096]) {
      const reader = new TarReader(1000);
      const found = [];
      for (let at = 0; at < bytes.length; at += size) found.push(...reader.push(bytes.subarray(at, at + size)));
      reader.end();
      expect(found.map(({ name }) => name)).toEqual(["A/1.png", "B/1.png"]);
      expect(Buffer.from(found[1]!.bytes).equals(grayPng(2))).toBe(true);
    }
  });
});

describe("lists of files", () => {
  it("take nothing from elsewhere, and name what is missing", async () => {
    await withFolder(async (root) => {
      const folder = join(root, "set");
      await mkdir(join(folder, "in"), { recursive: true });
      await writeFile(join(root, "secret.png"), grayPng(1));
      await symlink(root, join(folder, "out"));
      for (const { bytes } of good.slice(0, 1))
        for (const n of [1, 2]) await writeFile(join(folder, `in/${n}.png`), bytes);
      const lines = [
        "in/1.png,A",
        "in/2.png,B/b",
        "../secret.png,A",
        `${root}/secret.png,A`,
        "out/secret.png,A",
        "gone.png,B",
      ];
      await writeFile(join(folder, "list.csv"), ["file,label", ...lines].join("\n"));
      const { classNames, labels, skipped } = await openDataset(join(folder, "list.csv"));
      expect(classNames).toEqual(["A", "B/b"]);
      expect([...labels]).toEqual([0, 1]);
      expect(skipped.map(({ reason }) => reason).sort()).toEqual([
        "it does not exist",
        "it is outside the folder, by a link",
        'its name contains ".."',
        "its path is absolute: write it relative to the list",
      ]);
    });
  });
});

describe("arrays", () => {
  const opened = (images: Uint8Array, labels: Uint8Array) =>
    withFolder(async (folder) => {
      await writeFile(join(folder, "images.npy"), images);
      await writeFile(join(folder, "labels.npy"), labels);
      return openDataset(join(folder, "images.npy"));
    });
  const labels = encodeNpy(Int32Array.of(0, 1), [2]);

  const file = (name: string, values: Parameters<typeof encodeNpy>[0], shape: readonly number[]) => ({
    name: `${name}.npy`,
    bytes: encodeNpy(values, shape),
  });
  const openNpz = (files: readonly ReturnType<typeof file>[], part = "") =>
    withFolder(async (folder) => {
      await writeFile(join(folder, "a.npz"), whole(writeZip(files)));
      return openDataset(join(folder, `a.npz${part}`));
    });

  it("are refused by what their headers claim, before they are unpacked: .npz, IDX", async () => {
    const files = [file("images", new Uint8Array(2 ** 21), [2, 1024, 1024]), file("labels", Int32Array.of(0, 1), [2])];
    const text = Buffer.from(files[0]!.bytes.subarray(0, 128)).toString("latin1");
    files[0]!.bytes.set(Buffer.from(text.replace("(2, 1024, 1024)", "(9, 1024, 1024)"), "latin1"));
    const checked: number[] = [];
    const inflate: InflateRaw = (bytes, size, check) =>
      nodePlatform.inflateRaw(bytes, size, (start) => {
        checked.push(start.length);
        check?.(start);
      });
    const source = memorySource(whole(writeZip(files, deflateRawSync)));
    await expect(decodeNpz(source, inflate, () => true)).rejects.toThrow(
      /images: an array of shape \(9, 1024, 1024\) has 2097152 bytes, expected 9437184/,
    );
    expect(checked).toEqual([2 ** 18]);
    const openIdx = (header: readonly number[], pixels: number) =>
      withFolder(async (folder) => {
        const path = join(folder, "train-images-idx3-ubyte.gz");
        await writeFile(
          path,
          gzipSync(Buffer.concat([Buffer.from([0, 0, 8, 3, ...header]), Buffer.alloc(pixels)]), { level: 0 }),
        );
        await writeFile(join(folder, "train-labels-idx1-ubyte"), Buffer.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 1));
        return (await failure(openDataset(path))).message;
      });
    expect(await openIdx([0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2], 2 ** 20)).toMatch(
      /more than the 24 bytes that it claims/,
    );
    expect(await openIdx([127, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 9], 2 ** 20)).toMatch(/too many for/);
    expect(await openIdx([0, 0, 8, 0, 0, 0, 4, 1, 0, 0, 4, 1], 2 ** 21 + 2 ** 19)).toMatch(
      /above the limit of 2147483648; unpack it first, with gunzip/,
    );
  });

  it("mean the same in a part as in the whole: pixels and classes", async () => {
    const files = [
      file("x_train", Float32Array.of(-0.5, 0, 0.5, 0.2, 0, 0), [3, 1, 2]),
      file("y_train", Int32Array.of(0, 1, 2), [3]),
      file("x_test", Float32Array.of(0, 0.5, 0.4, 0.2), [2, 1, 2]),
      file("y_test", Int32Array.of(0, 1), [2]),
    ];
    const [all, test] = [await openNpz(files), await openNpz(files, "#test")];
    expect(test.images).toEqual(all.images.subarray(6));
    expect(test.classNames).toEqual(all.classNames);
    expect([...test.labels]).toEqual([0, 1]);
  });

  it.each([
    [["X", "y"], undefined],
    [["Images", "Targets"], undefined],
    [["data", "target"], undefined],
    [
      ["X_train", "y_train"],
      ["X_test", "y_test"],
    ],
    [
      ["trainX", "trainY"],
      ["testX", "testY"],
    ],
    [
      ["train_data", "train_labels"],
      ["val_data", "val_labels"],
    ],
  ] as const)("are found by their usual names: %j and %j", async (training, other) => {
    const pair = ([images, labels]: readonly [string, string], level: number) => [
      file(images, Uint8Array.of(level, level), [2, 1, 1]),
      file(labels, Int32Array.of(0, 1), [2]),
    ];
    const files = [...pair(training, 200), ...(other ? pair(other, 250) : [])];
    const read = await openNpz(files);
    expect([...read.images]).toEqual(other ? [200, 200, 250, 250] : [200, 200]);
    expect(read.parts !== undefined).toBe(other !== undefined);
  });

  it("warn of a part that is black because its values have another range", async () => {
    const dataset = await openNpz([
      file("x_train", Uint8Array.of(0, 90, 180, 255), [2, 1, 2]),
      file("y_train", Int32Array.of(0, 1), [2]),
      file("x_test", Float32Array.of(0, 0.4, 0.8, 1), [2, 1, 2]),
      file("y_test", Int32Array.of(0, 1), [2]),
    ]);
    expect(contrastProblem(dataset)).toMatch(
      /^nearly all pixels have the same gray level, 0 to 1 of 255 in the test part, but not in the others: .*save all parts with/,
    );
  });

  it("warn of values that are nearly black because of a few high ones", async () => {
    const values = Float32Array.from({ length: 3200 }, (_, i) => (i === 7 ? 255 : i % 15));
    const dataset = await openNpz([file("x", values, [2, 40, 40]), file("y", Int32Array.of(0, 1), [2])]);
    expect(contrastProblem(dataset)).toMatch(/nearly all pixels are black, at most 14 of 255/);
  });

  it("are all named, with their shapes, where none are images or labels", async () => {
    const files = [file("embeddings", new Uint8Array(6), [2, 3]), file("y", Int32Array.of(0, 1), [2])];
    await expect(openNpz(files)).rejects.toThrow(
      /its arrays are embeddings \(2, 3\), y \(2,\); expected images and labels, X and y, data and target/,
    );
  });

  it("have names and groups that are numbers: .npz", async () => {
    const files = [file("images", new Uint8Array(8), [2, 2, 2]), file("labels", Int32Array.of(0, 1), [2])];
    const { classNames } = await openNpz([...files, file("class_names", Int32Array.of(7, 3), [2])]);
    expect(classNames).toEqual(["7", "3"]);
    const groups = file("groups", Float32Array.of(0.5, 1), [2]);
    expect((await failure(openNpz([...files, groups]))).message).toMatch(/group 0 is 0.5, expected a whole number/);
  });

  it("are scaled as documented", async () => {
    const pixelsOf = async (values: Parameters<typeof encodeNpy>[0]) => [
      ...(await opened(encodeNpy(values, [2, 1, 2]), labels)).images,
    ];
    expect(await pixelsOf(Float32Array.of(-0.5, 0.5, 0, 0.1))).toEqual([0, 255, 128, 153]);
    expect(await pixelsOf(Float32Array.of(0, 0.5, 0.4, 0.2))).toEqual([0, 128, 102, 51]);
    expect(await pixelsOf(Float32Array.of(0, 1, 0.5, 0.2))).toEqual([0, 255, 128, 51]);
    expect(await pixelsOf(Float32Array.of(0, 255, 17, 99.6))).toEqual([0, 255, 17, 100]);
    expect(await pixelsOf(Uint16Array.of(0, 65535, 257, 514))).toEqual([0, 255, 1, 2]);
    expect(await pixelsOf(Int32Array.of(0, 1, 2, 255))).toEqual([0, 1, 2, 255]);
  });

  it.each<[string, Parameters<typeof encodeNpy>, RegExp]>([
    ["no number", [Float32Array.of(Number.NaN, 0, 1, 2), [2, 1, 2]], /a pixel is NaN, expected a number/],
    [
      "no end",
      [Float32Array.of(Number.POSITIVE_INFINITY, 0, 1, 2), [2, 1, 2]],
      /a pixel is Infinity, expected a number/,
    ],
    ["another count", [new Uint8Array(3), [3, 1, 1]], /has 3 images and 2 labels/],
    ["another rank", [new Uint8Array(2), [2]], /images have the shape \(2\), expected \(N, H, W\)/],
    [
      "text",
      [
        ["a", "b"],
        [2, 1, 1],
      ],
      /text was found where numbers are expected/,
    ],
  ])("are refused: %s", async (_, [values, shape], message) => {
    expect((await failure(opened(encodeNpy(values, shape), labels))).message).toMatch(message);
  });

  it("take the axes of channels first or last, and flat squares", async () => {
    const pixels = Uint8Array.from({ length: 24 }, (_, i) => 200 + i);
    const first = await opened(encodeNpy(pixels, [2, 3, 2, 2]), labels);
    expect(first.imageShape).toEqual([2, 2, 3]);
    expect([...first.images.subarray(0, 6)]).toEqual([200, 204, 208, 201, 205, 209]);
    expect((await opened(encodeNpy(pixels, [2, 12]), labels)).imageShape).toEqual([2, 2, 3]);
    expect((await opened(encodeNpy(pixels.subarray(0, 18), [2, 9]), labels)).imageShape).toEqual([3, 3, 1]);
  });
});

describe("images", () => {
  it("are not decoded where they claim more pixels than anyone trains on", () => {
    expect(() => decodeImage(png(60_000, Array(60_000).fill([1])))).toThrow(
      /has 60000 × 60000 pixels, more than the limit/,
    );
  });
});
