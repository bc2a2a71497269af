import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InklingError } from "../../src/base/error.ts";
import { classNameOf } from "../../src/datasets/classNames.ts";
import { openCsv, sniffCsv } from "../../src/formats/csv.ts";
import { HEAD_BYTES } from "../../src/formats/format.ts";
import { readCsvFileList, readJsonFileList } from "../../src/formats/listLines.ts";
import { decodePixelTable, pixelTable } from "../../src/formats/pixelTable.ts";
import { openDataset } from "../../src/node.ts";
import { grayPng } from "../sources/files.ts";
import { failure, withFolder } from "./datasets.ts";

fc.configureGlobal({ seed: 7 });

async function* piecesOf(bytes: Uint8Array, size = 1000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const provenance = { source: "t.csv", description: "a table" };
const read = (contents: string | Uint8Array, classNames?: readonly string[]) =>
  decodePixelTable(piecesOf(Buffer.from(contents)), "t.csv", provenance, { ...(classNames && { classNames }) });
const refusal = async (contents: string | Uint8Array): Promise<InklingError> => failure(read(contents));
const namesOf = ({ labels, classNames }: { labels: Uint16Array; classNames: readonly string[] }) =>
  Array.from(labels, (k) => classNames[k]);

/** How a table is written. */
interface Dialect {
  readonly separator: string;
  readonly end: string;
  readonly quoteAll: boolean;
  readonly blanks: boolean;
  readonly encoding: "utf8" | "bom" | "utf-16le" | "utf-16be";
}
const dialects = fc.record<Dialect>({
  separator: fc.constantFrom(",", ";", "\t", "|"),
  end: fc.constantFrom("\n", "\r\n", "\r"),
  quoteAll: fc.boolean(),
  blanks: fc.boolean(),
  encoding: fc.constantFrom("utf8", "bom", "utf-16le", "utf-16be"),
});

function write(rows: readonly (readonly string[])[], { separator, end, quoteAll, blanks, encoding }: Dialect): Buffer {
  const cell = (text: string) =>
    quoteAll || /["\r\n,;|\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : blanks ? ` ${text} ` : text;
  const text = rows.map((row) => row.map(cell).join(separator) + end).join("");
  if (encoding === "utf8") return Buffer.from(text);
  if (encoding === "bom") return Buffer.from(`\ufeff${text}`);
  const wide = Buffer.from(`\ufeff${text}`, "utf16le");
  return encoding === "utf-16le" ? wide : wide.swap16();
}

const labelTexts = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(..."ab ,;|\t\"'\nßé中7.") });
const named = fc
  .array(labelTexts, { minLength: 2, maxLength: 12 })
  .map((labels) => labels.map((label) => `x${label}`))
  .filter((labels) => new Set(labels.map(classNameOf)).size > 1);

describe("tables of pixels", () => {
  it("have the same labels and pixels in any dialect, wherever their label stands", async () => {
    const places = fc.constantFrom("first", "last", "middle");
    await fc.assert(
      fc.asyncProperty(
        named,
        dialects,
        places,
        fc.boolean(),
        fc.integer({ min: 1, max: 99 }),
        async (labels, dialect, place, index, size) => {
          const at = { first: 0, middle: 2, last: 4 }[place];
          const row = (label: string, pixels: readonly string[], number: string) => {
            const cells = pixels.toSpliced(at, 0, label);
            return index ? [number, ...cells] : cells;
          };
          const rows = labels.map((label, n) =>
            row(
              label,
              [0, 1, 2, 3].map((i) => String((n * 50 + i * 7) % 256)),
              String(n),
            ),
          );
          const bytes = write([row("label", ["pixel0", "pixel1", "pixel2", "pixel3"], ""), ...rows], dialect);
          expect(pixelTable.matches({ name: "t", head: bytes.subarray(0, 512), inner: new Uint8Array() })).toBe(true);
          const dataset = await decodePixelTable(piecesOf(bytes, size), "t.csv", provenance);
          expect(namesOf(dataset)).toEqual(labels.map(classNameOf));
          expect([...dataset.images]).toEqual(
            labels.flatMap((_, n) => [0, 1, 2, 3].map((i) => (n * 50 + i * 7) % 256)),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("without a header have the right labels, or are refused", async () => {
    const digits = fc.array(fc.nat(3), { minLength: 6, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        digits,
        dialects,
        fc.boolean(),
        fc.array(fc.nat(255), { minLength: 9, maxLength: 9 }),
        async (labels, dialect, isFirst, noise) => {
          const rows = labels.map((label, n) => {
            const pixels = noise.map((value) => String((value * (n + 1)) % 256));
            return isFirst ? [String(label), ...pixels] : [...pixels, String(label)];
          });
          const result = await read(write(rows, dialect)).then(namesOf, (error: InklingError) => error.code);
          expect(["INVALID_DATA", labels.map(String)]).toContainEqual(result);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("are recognized wherever the start that is looked at ends", async () => {
    for (let length = 1; length < 9; length++)
      for (const wrap of [(cell: string) => cell, (cell: string) => `"${cell}"`]) {
        const cells = ["7".repeat(length), ...Array.from({ length: 300 }, (_, i) => String((i * 37) % 256))];
        const head = Buffer.from(cells.map(wrap).join(",")).subarray(0, HEAD_BYTES);
        expect(pixelTable.matches({ name: "t", head, inner: new Uint8Array() }), `${length}`).toBe(true);
      }
    const one = Buffer.from("file,label\na.png,cat\n");
    expect(sniffCsv(one)?.rows).toEqual([
      ["file", "label"],
      ["a.png", "cat"],
    ]);
  });

  const digits = [0, 1, 2, 0, 1, 2];
  const pixels = (n: number) => [0, 9, 200 - n, 17, 0, 30, n, 0, 255];
  const first = digits.map((label, n) => [label, ...pixels(n)].join(",")).join("\n");
  const last = digits.map((label, n) => [...pixels(n), label].join(",")).join("\n");
  const indexed = digits.map((label, n) => [n, label, ...pixels(n)].join(",")).join("\n");

  it.each([
    ["first", first, /no header: labels in the first column/],
    ["last", last, /no header: labels in the last column/],
    ["after pandas' index", indexed, /labels in the second column; without the column of row numbers/],
  ])("without a header: the label is %s", async (_, text, reading) => {
    const dataset = await read(text);
    expect([...dataset.labels]).toEqual(digits);
    expect([...dataset.images]).toEqual(digits.flatMap((__, n) => pixels(n)));
    expect(dataset.provenance.reading).toMatch(reading);
  });

  it("order pixels by the numbers in their names, and leave out other columns", async () => {
    const dataset = await read("id,pixel10,pixel2,mean\na,9,1,5\n").catch((error: InklingError) => error);
    expect(dataset).toMatchObject({
      message: expect.stringMatching(/"id", "mean" besides the pixels "pixel2" to "pixel10"/),
    });
    const { images, provenance: read_ } = await read(
      "pixel3,pixel0,label,pixel1,pixel2,width\n4,1,a,2,3,28\n88,5,b,6,7,28",
    );
    expect([...images]).toEqual([1, 2, 3, 4, 5, 6, 7, 88]);
    expect(read_.reading).toBe('without the column "width"');
  });

  it("have the split that a column gives", async () => {
    const text = "label,split,p0,p1,p2,p3\na,train,1,2,3,4\nb,val,1,2,3,5\na,test,1,2,3,6\n";
    expect([...(await read(text)).parts!]).toEqual([0, 1, 2]);
    expect((await refusal(text.replace("val", "fold 1"))).message).toMatch(
      /line 3: the split is "fold 1", expected train, val or test/,
    );
  });

  it("have pandas' numbers as names, with a column of labels of any name", async () => {
    const dataset = await read(",0,1,2,3,kind\n0,1,2,3,4,a\n1,5,6,7,88,b\n");
    expect(namesOf(dataset)).toEqual(["a", "b"]);
    expect([...dataset.images]).toEqual([1, 2, 3, 4, 5, 6, 7, 88]);
    expect(dataset.provenance.reading).toBe('labels in the column "kind"; without the column of row numbers');
  });

  it("have fractions with a point or a comma, and then the range of an array", async () => {
    for (const text of ["label,p0,p1,p2,p3\na,0,1,0.2,0.4\nb,1,1,0,0", "label;p0;p1;p2;p3\na;0;1;0,2;0,4\nb;1;1;0;0"])
      expect([...(await read(text)).images]).toEqual([0, 255, 51, 102, 255, 255, 0, 0]);
  });

  it("read Excel's line of the separator, and text that is not UTF-8", async () => {
    const rows = "sep=;\r\nlabel;p0;p1;p2;p3\r\ngr\xfc\xdfe;1;2;3;4\r\nklein;5;6;7;88\r\n";
    const dataset = await read(Buffer.from(rows, "latin1"));
    expect(dataset.classNames).toEqual(["grüße", "klein"]);
    expect(dataset.provenance.reading).toBe(
      "cells separated by semicolons; text that is not UTF-8 read as windows-1252 (a guess)",
    );
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ["a cell that is missing", "label,p0,p1,p2,p3\na,1,2,3\n", /line 2 has 4 cells, expected 5/],
    ["an empty pixel", "label,p0,p1,p2,p3\na,1,,3,4\n", /line 2, column "p1": "" is not a number/],
    [
      "a word among pixels",
      "label,p0,p1,p2,p3\n\na,1,x,3,4\n",
      /line 3, column "p1": "x" is not a number, expected a pixel/,
    ],
    ["NaN", "label,p0,p1,p2,p3\na,1,2,3,4\nb,1,2,NaN,4\n", /line 3, column "p2": "NaN"/],
    [
      "a pixel beyond bytes",
      "label,p0,p1,p2,p3\na,1,2,3,4\nb,1,2,3,300\n",
      /line 3, column "p3": 300 is not a pixel, expected 0 to 255/,
    ],
    [
      "no labels",
      "pixel0,pixel1,pixel2,pixel3\n1,2,3,4\n",
      /names 4 columns of pixels, "pixel0" to "pixel3", and none of labels/,
    ],
    [
      "two columns of labels",
      "label,class,p0,p1\na,b,1,2\n",
      /line 1 has 2 columns for the label: "label" and "class"/,
    ],
    ["an empty label", "label,p0,p1,p2,p3\na,1,2,3,4\n ,1,2,3,4\n", /line 3: the label is " ", expected a class/],
    ["a missing label among numbers", "label,p0,p1,p2,p3\n1,1,2,3,4\nnan,1,2,3,4\n", /line 3: the label is "nan"/],
    [
      "a label below 0",
      "label,p0,p1,p2,p3\n-1,1,2,3,4\n0,1,2,3,4\n3,1,2,3,4",
      /line 2: the label is -1, .*without a label/,
    ],
    ["pixels without a shape", "label,p0,p1,p2,p3,p4\na,1,2,3,4,5\n", /5 pixels do not make a square image/],
    [
      "a shape that does not fit",
      "label,1x1,1x2,3x3\na,1,2,3\n",
      /names 3 columns of pixels up to "3x3", expected 3 × 3/,
    ],
    ["an open quote", 'label,p0,p1,p2,p3\n"a,1,2,3,4\n', /the quote in line 2 is not closed/],
    [
      "a header of pandas' numbers",
      "0,1,2,3,4\n1,2,3,4,0\n",
      /names 5 columns of pixels, "0" to "4", and none of labels/,
    ],
    [
      "a header of numbers and two names",
      "id,0,1,2,3,kind\n1,1,2,3,4,a\n",
      /names "id", "kind" besides the pixels "0" to "3"/,
    ],
    ["a header alone", "label,p0,p1,p2,p3\n", /a header and no rows/],
    [
      "no telling which is the label",
      "7,0,0,0,0,0,0,0,0,9\n8,0,0,0,0,0,0,0,0,9",
      /of the first column \(7, 8\) and the last \(9\) neither/,
    ],
    [
      "both like labels",
      "0,5,5,5,5,5,5,5,5,1\n1,5,5,5,5,5,5,5,5,0\n0,5,5,5,5,5,5,5,5,1\n1,5,5,5,5,5,5,5,5,0",
      /both may be the labels/,
    ],
  ])("are refused with what is wrong: %s", async (_, text, message) => {
    const error = await refusal(text);
    expect(error.code).toBe("INVALID_DATA");
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/expected letters/);
  });
});

describe("lists of files", () => {
  const listed = async (contents: string | Uint8Array, reader = readCsvFileList) => {
    const list = reader(piecesOf(Buffer.from(contents), 5), "list");
    const files = [];
    for await (const { file, label, group } of list.files)
      files.push([file, label, ...(group === undefined ? [] : [group])]);
    return { files, notes: list.notes() };
  };

  it("have the same labels in any dialect", async () => {
    await fc.assert(
      fc.asyncProperty(named, dialects, async (labels, dialect) => {
        const rows = labels.map((label, n) => [`img/${n}.png`, label]);
        const { files } = await listed(write([["file", "label"], ...rows], dialect));
        expect(files).toEqual(rows.map(([file, label]) => [file, label!.trim()]));
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, string, readonly string[], RegExp]>([
    ["pandas' index", ",file,label,width\n0,a.png,cat,28\n", ["a.png", "cat"], /without the column "width"/],
    [
      "columns of other names",
      "photo,species\na.png,cat\n",
      ["a.png", "cat"],
      /files in the column "photo"; labels in the column "species"/,
    ],
    ["no header", "a.png;cat\nb.png;dog\n", ["a.png", "cat"], /no header/],
    ["no header, the label first", "cat\ta b.jpg\n", ["a b.jpg", "cat"], /no header/],
    ["a quote in a cell", 'file,label\na.png,5" nail\n', ["a.png", '5" nail'], /^$/],
    ["blanks around cells", 'file, label\na.png , "cat"\n', ["a.png", "cat"], /^$/],
    ["a file column of two", "id,filename,path,label\n7,7,img/7.png,cat\n", ["img/7.png", "cat"], /./],
  ])("are read: %s", async (_, text, entry, notes) => {
    const list = await listed(text);
    expect(list.files[0]).toEqual(entry);
    expect(list.notes.join("; ")).toMatch(notes);
  });

  it.each<[string, string, RegExp]>([
    [
      "no labels",
      "file,width,height\na.png,1,2\n",
      /line 1 names "width", "height" besides "file"; rename the column of labels to "label"/,
    ],
    [
      "one-hot columns",
      "image,MEL,NV,BCC\na.png,0,1,0\n",
      /line 1 names "MEL", "NV", "BCC" besides "image"; make one column "label" of these, which are one for each class/,
    ],
    ["two columns of labels", "file,label,category\na.png,1,cat\n", /several columns of labels: "label", "category"/],
    ["a label that is missing", "file,label\na.png,cat\nb.png,\n", /line 3: the label of b.png is empty/],
    ["NaN", "file,label\na.png,nan\n", /line 2: the label of a.png is "nan", which marks a missing value/],
    ["NaN after a name", "file,label\na.png,Nan\nb.png,NaN\n", /line 3: the label of b.png is "NaN"/],
    ["a file that is missing", "file,label\n,cat\n", /line 2 names no file/],
    ["too many cells", "file,label\na.png,cat\nb.png,cat,dog\n", /line 3 has 3 cells, expected 2/],
    ["no header and three cells", "a.png,cat,28\n", /its first line, "a.png", "cat", "28", names no columns/],
  ])("are refused with what is wrong: %s", async (_, text, message) => {
    expect((await failure(listed(text))).message).toMatch(message);
  });

  it("are JSON lines in any encoding, with labels that are text or numbers", async () => {
    const text = '{"file_name":"a.png","category":"cat"}\r\n{"image":"b.png","label":3}\n';
    const expected = [
      ["a.png", "cat"],
      ["b.png", "3"],
    ];
    for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, "utf16le")])
      expect((await listed(bytes, readJsonFileList)).files).toEqual(expected);
    const refused: readonly (readonly [string, RegExp])[] = [
      ['{"file":"a.png"}', /line 1: the label of a.png is "missing"/],
      [
        '{"file":"a.png","label":["cat"]}',
        /line 1: the label of a.png is "\[\\"cat\\"\]", expected the name or number of a class/,
      ],
      ['{"label":"cat"}', /line 1 names no file/],
      ["{'file': 'a.png'}", /line 1 is not a JSON object/],
    ];
    for (const [line, message] of refused)
      expect((await failure(listed(line, readJsonFileList))).message).toMatch(message);
  });

  const withList = <T>(list: string, use: (path: string) => Promise<T>) =>
    withFolder(async (folder) => {
      for (const n of [1, 2, 3]) await writeFile(join(folder, `${n}.png`), grayPng(n));
      await mkdir(join(folder, "e\u0301te\u0301"));
      await writeFile(join(folder, "e\u0301te\u0301", "4.png"), grayPng(4));
      await writeFile(join(folder, "list.csv"), list);
      return use(join(folder, "list.csv"));
    });

  it("take a file that is listed again once, and refuse one with two labels or groups", async () => {
    const twice = await withList("file,label\n1.png,A\n2.png,B\n./1.png, A\n", openDataset);
    expect(namesOf(twice)).toEqual(["A", "B"]);
    expect(twice.provenance.reading).toMatch(/one file listed again with the same label, taken once/);
    const error = await failure(withList("file,label\n1.png,A\n2.png,B\n1.png,C\n", openDataset));
    expect(error.message).toMatch(/line 4 gives 1.png the label "C", and line 2 gives it "A"/);
    const groups = await failure(withList("file,label,group\n1.png,A,x\n2.png,B,x\n1.png,A,y\n", openDataset));
    expect(groups.message).toMatch(/the group "y", and line 2 gives it "x"/);
  });

  it("are refused where none of their files can be read", async () => {
    const error = await failure(withList("file,label\nx/1.png,A\nx/2.png,B\n", openDataset));
    expect(error.message).toMatch(
      /list.csv: none of its 2 files can be read; line 2, x\/1.png: it does not exist \(paths are relative to the list, or to one folder beside it\)/,
    );
  });

  it("find their files in a folder beside them, and are found from there", () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, "images"));
      for (const n of [1, 2]) await writeFile(join(folder, "images", `${n}.png`), grayPng(n));
      await writeFile(join(folder, "labels.csv"), "Dateiname;Klasse\n1.png;A\n2.png;B\n");
      const { labels, provenance } = await openDataset(join(folder, "labels.csv"));
      expect([...labels]).toEqual([0, 1]);
      expect(provenance.reading).toContain("files in images/");
      const error = await failure(openDataset(folder));
      expect(error.message).toMatch(/it has labels\.csv with columns Dateiname, Klasse: open .*labels\.csv$/);
    }));

  it("may have absolute paths, also of a folder that was moved, and say of others what to do", async () => {
    const moved = "file,label\n/home/me/set/1.png,A\n/home/me/set/2.png,B\n/tmp/3.png,B\n";
    const dataset = await withList(moved, openDataset);
    expect(dataset.names).toEqual(["1.png", "2.png"]);
    expect(dataset.provenance.reading).toContain("absolute paths without /home/me/set/");
    expect(dataset.skipped).toEqual([{ name: "/tmp/3.png", reason: expect.stringMatching(/its path is absolute/) }]);
    const windows = "file,label\nC:\\me\\1.png,A\nC:\\me\\2.png,B\n";
    expect((await withList(windows, openDataset)).names).toEqual(["1.png", "2.png"]);
    const outside = await failure(withList("file,label\n/x/8.png,A\n/x/9.png,B\n", openDataset));
    expect(outside.message).toMatch(/line 2, \/x\/8\.png: its path is absolute: write it relative to the list/);
    const url = await failure(withList("file,label\nhttps://example.com/0.png,A\n", openDataset));
    expect(url.message).toMatch(/its file cannot be read; line 2, https:.*0\.png: URLs are not fetched/);
  });

  it("say that names of pictures have no extension", () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, "labels.csv"), "id,breed\nimg000,pug\nimg001,boxer\n");
      const error = await failure(openDataset(join(folder, "labels.csv")));
      expect(error.message).toMatch(
        /whose first line is "id", "breed"; no cell names a picture: img000 lacks its extension, such as \.png; expected/,
      );
    }));

  it("refuse labels that are measurements", async () => {
    for (const list of ["file,label\n1.png,0.5\n2.png,1.25\n", "file,label\n1.png,1\n2.png,1.5\n"]) {
      const error = await failure(withList(list, openDataset));
      expect(error.message).toMatch(
        /line [23]: the label is (0\.5|1\.5), expected a whole number: the labels must be classes, not measurements/,
      );
    }
    expect(namesOf(await withList("file,label\n1.png,v1.5\n2.png,1\n", openDataset))).toEqual(["1", "v1.5"]);
  });

  it("find a file by another Unicode form of its name, and join such labels", async () => {
    const dataset = await withList(
      "file,label\n1.png,\u00e9t\u00e9\n2.png,B\n\u00e9t\u00e9/4.png,e\u0301te\u0301\n",
      openDataset,
    );
    expect(namesOf(dataset)).toEqual(["B", "\u00e9t\u00e9", "\u00e9t\u00e9"]);
    expect(dataset.skipped).toEqual([]);
    expect(dataset.provenance.reading).toMatch(/a class in several spellings/);
  });
});

it("reads records of lines with any end, with quoted breaks kept as they are", async () => {
  const all = async (text: string) => {
    const records = [];
    for await (const record of (await openCsv(piecesOf(Buffer.from(text), 3), "x")).records) records.push(record);
    return records;
  };
  expect(await all('a,b\r"1\r\n2",""""\r\n\r\nc, "d"\n')).toEqual([
    { line: 1, cells: ["a", "b"] },
    { line: 2, cells: ["1\r\n2", '"'] },
    { line: 5, cells: ["c", "d"] },
  ]);
});
