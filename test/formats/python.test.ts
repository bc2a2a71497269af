import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { arraysIn, readPickle, readPickledArrays } from "../../src/formats/pickle/read.ts";
import { PickleArray, type PickleValue } from "../../src/formats/pickle/values.ts";
import { openDataset } from "../../src/node.ts";
import { failure, fixture, fixturePixels } from "./datasets.ts";

const labels = Array.from({ length: 12 }, (_, row) => row % 3);

describe("what Python writes", () => {
  it.each([2, 3, 4, 5])("is read: the course's pickle by protocol %i", async (protocol) => {
    const path = fixture(`course-${protocol}.pickle`);
    const { images, labels: read, imageShape, classNames } = await openDataset(path);
    expect(imageShape).toEqual([4, 3, 1]);
    expect(classNames).toEqual(["A", "B", "C"]);
    expect([...read]).toEqual(labels);
    expect(Buffer.from(images).equals(fixturePixels)).toBe(true);
    expect([...(await openDataset(`${path}#validation`)).labels]).toEqual([1, 2]);
    expect([...(await openDataset(`${path}#test`)).images]).toEqual([...fixturePixels.subarray(9 * 12)]);
  });

  it.each([2, 5])("is read: column-major bytes, big-endian labels and class names by protocol %i", async (protocol) => {
    const { images, labels: read, classNames } = await openDataset(fixture(`fortran-${protocol}.pickle`));
    expect(classNames).toEqual(["x", "y", "z"]);
    expect([...read]).toEqual(labels);
    expect(Buffer.from(images).equals(fixturePixels)).toBe(true);
  });

  it("is read: .npz stored and compressed, .npy with one-hot labels beside it", async () => {
    for (const name of ["plain.npz", "keras.npz", "x_train.npy"]) {
      const { images, labels: read, imageShape } = await openDataset(fixture(name));
      expect(imageShape).toEqual([4, 3, 1]);
      expect([...read], name).toEqual(labels);
      expect(Buffer.from(images).equals(fixturePixels), name).toBe(true);
    }
    expect([...(await openDataset(`${fixture("keras.npz")}#test`)).labels]).toEqual(labels.slice(8));
    expect((await failure(openDataset(`${fixture("plain.npz")}#test`))).message).toMatch(/has no test part/);
  });

  it.each([
    ["system.pickle", /uses Python's (posix|nt)\.system, which is not allowed/],
    ["ordered.pickle", /uses Python's collections\.OrderedDict, which is not allowed/],
    ["objects.pickle", /an array of O8 has no bytes: objects are not supported/],
    ["outside.pickle", /uses NEXT_BUFFER .* which is not allowed/],
  ])("is refused by name: %s", async (name, message) => {
    const error = await failure(openDataset(fixture(name)));
    expect(error.code).toBe("INVALID_DATA");
    expect(error.message).toMatch(message);
  });
});

it("reads images and labels of pickled tuples, by their order", () => {
  const shaped = (...shape: number[]) => {
    const value = new PickleArray();
    const dtype = { kind: "u", itemSize: 1, littleEndian: true } as const;
    value.array = { dtype, shape, fortran: false, bytes: new Uint8Array() };
    return value;
  };
  const pair = [shaped(5, 4, 4), shaped(5)];
  const names = (root: PickleValue) => [...arraysIn(root, "a.pkl").arrays.keys()].join(" ");
  expect(names(pair)).toBe("X_train y_train");
  expect(names([pair, pair])).toBe("X_train y_train X_test y_test");
  expect(names([pair, pair, pair])).toBe("X_train y_train X_valid y_valid X_test y_test");
  expect(() => names([...pair, ...pair])).toThrow(
    "a.pkl: it holds a tuple of array (5, 4, 4), array (5), array (5, 4, 4), array (5), expected a dict",
  );
});

describe("readPickle", () => {
  const run = (...codes: (number | string)[]) =>
    readPickle(Buffer.concat(codes.map((code) => (typeof code === "number" ? Buffer.of(code) : Buffer.from(code)))));
  const proto = [0x80, 4] as const;

  it("keeps numbers, text, tuples, lists, dicts and the memo", () => {
    expect(run(...proto, "J", 255, 255, 255, 255, ".")).toBe(-1);
    expect(run(...proto, 0x8a, 2, 0, 0xff, ".")).toBe(-256);
    expect(run(...proto, "G", 0x40, 4, 0, 0, 0, 0, 0, 0, ".")).toBe(2.5);
    expect(run(...proto, "(K", 1, "K", 2, "t.")).toEqual([1, 2]);
    expect(run(...proto, "K", 7, "q", 0, "0h", 0, ".")).toBe(7);
    expect(run(...proto, "](", 0x88, 0x89, "Ne.")).toMatchObject({ items: [true, false, null] });
  });

  it.each<[string, (number | string)[], RegExp]>([
    ["another protocol", [0x80, 6, "N."], /does not begin as a pickle/],
    ["protocol 0 within", [0x80, 2, "I1\n."], /uses INT of protocol 0/],
    ["an object", [...proto, "cbuiltins\neval\n."], /Python's builtins\.eval/],
    ["Object's own names", [...proto, "cx\n__proto__\n."], /Python's x\.__proto__/],
    ["an unknown byte", [...proto, 0xff], /0xff is not an opcode/],
    ["nothing", [...proto, "."], /a value is missing/],
    ["a lost mark", [...proto, "t."], /a mark is missing/],
    ["an empty memo", [...proto, "h", 3, "."], /memo 3 is empty/],
    ["bytes that are not there", [...proto, "B", 255, 255, 255, 255, "."], /end behind it/],
    [
      "8-byte lengths that are not there",
      [...proto, 0x8e, ..."\x01\x01\x01\x01\x01\x01\x01\x7f", "."],
      /end behind it/,
    ],
    ["no end", [...proto, "N"], /end behind it/],
    ["a deep stack", [...proto, "N".repeat(200_000), "."], /more than 100000 values at once/],
    ["deep tuples", [...proto, "(".repeat(200_000), "."], /more than 100000 values at once/],
    ["a call of nothing", [...proto, "NNR."], /a call of what cannot be called/],
    ["a type that is called", [...proto, "cnumpy\nndarray\n)R."], /a call of what cannot be called/],
  ])("refuses %s", (_, codes, message) => {
    expect(() => run(...codes)).toThrow(message);
  });

  it("lets no call be repeated to make more bytes than the file has", () => {
    const text = `X${String.fromCharCode(232, 3, 0, 0)}`;
    const codes = Buffer.concat([
      Buffer.of(0x80, 2),
      Buffer.from("c_codecs\nencode\nq\x000", "latin1"),
      Buffer.from(text, "latin1"),
      Buffer.alloc(1000, 65),
      Buffer.from("q\x010", "latin1"),
      ...Array.from({ length: 1000 }, () => Buffer.from("h\x00(h\x01X\x06\x00\x00\x00latin1tR0", "latin1")),
      Buffer.from("N."),
    ]);
    expect(() => readPickle(codes)).toThrow(/make more bytes than it has/);
  });

  it("needs a dict", () => {
    expect(() => readPickledArrays(Buffer.from("\x80\x04N.", "latin1"))).toThrow(
      /holds None, expected a dict with arrays/,
    );
    expect(readPickledArrays(readFileSync(fixture("course-4.pickle"))).arrays.size).toBe(6);
  });
});
