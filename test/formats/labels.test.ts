import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { classesOf } from "../../src/datasets/classNames.ts";
import type { Dataset } from "../../src/datasets/index.ts";
import { readLabels } from "../../src/formats/arrayLabels.ts";
import { encodeIdx } from "../../src/formats/idx.ts";
import { numberedClasses, textClasses } from "../../src/formats/labels.ts";
import type { NdArray } from "../../src/formats/ndarray.ts";
import { decodeNpy, encodeNpy } from "../../src/formats/npy.ts";
import { writePickle } from "../../src/formats/pickle/write.ts";
import { writeZip } from "../../src/formats/zipWriter.ts";
import { openDataset, saveDataset } from "../../src/node.ts";
import { failure, sorted, withFolder } from "./datasets.ts";

const what = "set";
const namesOf = ({ labels, classNames }: Pick<Dataset, "labels" | "classNames">) =>
  Array.from(labels, (k) => classNames[k]);

describe("numbered classes", () => {
  const read = (values: readonly number[], options = {}) =>
    numberedClasses(Float64Array.from(values), { what, ...options });

  it("are those that occur, by their numbers", () => {
    expect(read([2, 0, 1])).toMatchObject({ classNames: ["0", "1", "2"], notes: [] });
    const gaps = read([7, 2, 7, 40]);
    expect(gaps).toEqual({
      labels: Uint16Array.of(1, 0, 1, 2),
      classNames: ["2", "7", "40"],
      notes: ["the classes are the labels that occur: 2, 7, 40"],
    });
    expect(read([1, 2, 3]).notes).toEqual(["the classes are the labels that occur: 1 to 3"]);
    expect(read([-1, 1]).classNames).toEqual(["-1", "1"]);
  });

  it("have the names that are given, from 0 or from 1", () => {
    const classNames = ["a", "b", "c"];
    expect(read([2, 0], { classNames })).toEqual({ labels: Uint16Array.of(2, 0), classNames, notes: [] });
    const fromOne = read([3, 1], { classNames });
    expect(namesOf(fromOne)).toEqual(["c", "a"]);
    expect(fromOne.notes).toEqual(["labels 1 to 3 are the 3 class names in order"]);
  });

  it.each<[string, readonly number[], object, RegExp]>([
    ["NaN", [0, Number.NaN, 1, Number.NaN], {}, /label 1 is NaN \(and 1 more such labels\), expected a class/],
    ["a fraction", [0, 0.25], {}, /label 1 is 0.25, expected a whole number: the labels must be classes/],
    ["infinity", [0, Number.POSITIVE_INFINITY], {}, /label 1 is Infinity, expected a whole number/],
    ["a mark for no label", [0, 1, -1], {}, /label 2 is -1, .*leave out images without a label/],
    [
      "more than the names",
      [0, 4],
      { classNames: ["a", "b"] },
      /label 1 is 4, expected 0 to 1 \(or 1 to 2\) for the 2 class names/,
    ],
    ["any, with its place", [-3], { place: (i: number) => `line ${i + 2}` }, /line 2 is -3/],
  ])("are refused: %s", (_, values, options, message) => {
    expect(() => read(values, options)).toThrow(message);
  });
});

describe("classes that are text", () => {
  it("are names in one spelling, or numbers in their order", () => {
    expect(namesOf(textClasses(["b ", "a", "e\u0301", "\u00e9"], { what }))).toEqual(["b", "a", "\u00e9", "\u00e9"]);
    expect(textClasses(["10", "9", "2.0"], { what }).classNames).toEqual(["2", "9", "10"]);
    expect(textClasses(["01", "1"], { what }).classNames).toEqual(["01", "1"]);
    expect(textClasses(["7", "3"], { what, classNames: ["7", "3"] }).classNames).toEqual(["7", "3"]);
    expect(textClasses(["0", "1"], { what, classNames: ["x", "y"] }).classNames).toEqual(["x", "y"]);
  });

  it("are refused where one is missing", () => {
    expect(() => textClasses(["a", " "], { what })).toThrow(/label 1 is " ", expected a class/);
    expect(() => textClasses(["1", "NaN"], { what })).toThrow(/label 1 is "NaN"/);
    expect(() => textClasses(["1", "<NA>"], { what })).toThrow(/label 1 is "<NA>"/);
    expect(textClasses(["cat", "None"], { what }).classNames).toEqual(["None", "cat"]);
  });

  it("are noted where spellings were joined, or differ only in case", () => {
    expect(classesOf(["a", "b"]).notes).toEqual([]);
    expect(classesOf(["a", "a ", "B"]).notes).toEqual([
      'a class in several spellings (blanks or Unicode forms) read as one: "a"',
    ]);
    expect(classesOf(["Cat", "cat", "CAT"]).notes).toEqual(['classes that differ only in case: "CAT", "Cat", "cat"']);
  });
});

describe("labels in arrays", () => {
  const array = (kind: "u" | "f" | "b", values: readonly number[], shape: readonly number[]): NdArray => ({
    dtype: { kind, itemSize: kind === "f" ? 4 : 1, littleEndian: true },
    shape,
    fortran: false,
    bytes: kind === "f" ? new Uint8Array(Float32Array.from(values).buffer) : Uint8Array.from(values),
  });
  const text = (values: readonly string[]) => decodeNpy(encodeNpy(values, [values.length]));

  it.each<[string, NdArray, readonly string[]]>([
    ["floats", array("f", [3, 1, 3], [3]), ["3", "1", "3"]],
    ["columns", array("u", [3, 1], [2, 1]), ["3", "1"]],
    ["one-hot", array("f", [0, 0, 1, 1, 0, 0], [2, 3]), ["2", "0"]],
    ["one-hot booleans", array("b", [0, 1, 1, 0], [2, 2]), ["1", "0"]],
    ["text", text(["b", " a", "b"]), ["b", "a", "b"]],
    ["columns of text", { ...text(["b", "a"]), shape: [2, 1] }, ["b", "a"]],
  ])("are read: %s", (_, labels, expected) => {
    expect(namesOf(readLabels([labels], { what }))).toEqual(expected);
  });

  it("are one list over all parts, whether they are numbers or text", () => {
    expect(readLabels([array("u", [5], [1]), text(["7", "5"])], { what })).toMatchObject({
      classNames: ["5", "7"],
      labels: Uint16Array.of(0, 1, 0),
      counts: [1, 2],
    });
  });

  it.each<[string, NdArray, RegExp]>([
    [
      "probabilities",
      array("f", [0.9, 0.1, 0.2, 0.8], [2, 2]),
      /row 0 of its labels \(2, 2\) is \[0.8.*, 0.1.*\], expected one 1/,
    ],
    ["several labels", array("u", [1, 0, 1, 1, 1, 0], [2, 3]), /row 0 of its labels \(2, 3\) is \[1, 0, 1\]/],
    ["images", array("u", [1, 1], [1, 1, 2]), /its labels have the shape \(1, 1, 2\)/],
  ])("are refused: %s", (_, labels, message) => {
    expect(() => readLabels([labels], { what })).toThrow(message);
  });
});

describe("in every format", () => {
  const images = encodeNpy(
    Uint8Array.from({ length: 54 }, (_, i) => i * 4),
    [6, 3, 3],
  );
  const npz = (labels: Uint8Array) =>
    Buffer.concat([
      ...writeZip([
        { name: "images.npy", bytes: images },
        { name: "labels.npy", bytes: labels },
      ]),
    ]);
  const pickled = (images: string, labels: string, values: readonly number[]) =>
    Buffer.concat([
      ...writePickle({
        [images]: {
          descr: "u1",
          shape: [6, 3, 3],
          byteLength: 54,
          pieces: () => [Uint8Array.from({ length: 54 }, (_, i) => i)],
        },
        [labels]: { descr: "u1", shape: [6], byteLength: 6, pieces: () => [Uint8Array.from(values)] },
      }),
    ]);
  const at = (name: string, files: Readonly<Record<string, Uint8Array>>) =>
    withFolder(async (folder) => {
      for (const [file, bytes] of Object.entries(files)) await writeFile(join(folder, file), bytes);
      return openDataset(join(folder, name));
    });
  const table = (values: readonly number[]) =>
    Buffer.from(["label,p0,p1,p2,p3", ...values.map((value, i) => `${value},${i},2,3,4`)].join("\n"));
  const forms: Readonly<Record<string, (values: readonly number[]) => Promise<Dataset>>> = {
    npz: (values) => at("a.npz", { "a.npz": npz(encodeNpy(Int32Array.from(values), [6])) }),
    "npz of text": (values) => at("a.npz", { "a.npz": npz(encodeNpy(values.map(String), [6])) }),
    npy: (values) => at("images.npy", { "images.npy": images, "labels.npy": encodeNpy(Int32Array.from(values), [6]) }),
    idx: (values) =>
      at("images-idx3-ubyte", {
        "images-idx3-ubyte": encodeIdx(
          Uint8Array.from({ length: 54 }, (_, i) => i),
          [6, 3, 3],
        ),
        "labels-idx1-ubyte": encodeIdx(Uint8Array.from(values), [6]),
      }),
    pickle: (values) => at("a.pkl", { "a.pkl": pickled("x_train", "y_train", values) }),
    csv: (values) => at("a.csv", { "a.csv": table(values) }),
  };

  it.each(Object.entries(forms))("%s: classes are the labels that occur, and one alone is refused", async (_, open) => {
    const dataset = await open([1, 3, 1, 26, 3, 3]);
    expect(dataset.classNames).toEqual(["1", "3", "26"]);
    expect(namesOf(dataset)).toEqual(["1", "3", "1", "26", "3", "3"]);
    expect(dataset.provenance.reading).toContain("the classes are the labels that occur: 1, 3, 26");
    expect((await failure(open([1, 1, 1, 1, 1, 1]))).message).toMatch(
      /has only one class, "1", with all 6 images; expected at least two/,
    );
  });

  it("pack: one class alone is refused", async () => {
    await withFolder(async (folder) => {
      for (const name of ["a.inkling", "a.npz"]) {
        await saveDataset(sorted(4, [2, 2, 1], ["one"]), join(folder, name));
        expect((await failure(openDataset(join(folder, name)))).message).toMatch(
          /has only one class, "one", with all 4 images/,
        );
      }
    });
  });

  it("pickle: only the course's numbers are letters, which is said", async () => {
    const values = [0, 1, 2, 0, 1, 2];
    const course = await at("a.pkl", { "a.pkl": pickled("train_dataset", "train_labels", values) });
    expect(course.classNames).toEqual(["A", "B", "C"]);
    expect(course.provenance.reading).toContain("called A, B, … as in the course's pickle");
    expect((await at("a.pkl", { "a.pkl": pickled("x_train", "y_train", values) })).classNames).toEqual(["0", "1", "2"]);
  });

  it.each(["a.pickle", "a.npz", "images.npy", "train-images-idx3-ubyte", "a.inkling"])(
    "%s keeps a class without images",
    async (name) => {
      await withFolder(async (folder) => {
        const dataset = { ...sorted(6, [2, 2, 1], ["A", "B", "C"]), labels: Uint16Array.of(0, 0, 0, 2, 2, 2) };
        await saveDataset(dataset, join(folder, name));
        const opened = await openDataset(join(folder, name));
        expect(opened.classNames).toEqual(["A", "B", "C"]);
        expect(namesOf(opened).sort()).toEqual(["A", "A", "A", "C", "C", "C"]);
      });
    },
  );
});
