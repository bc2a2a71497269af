import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FORMATS } from "../../../src/cli/arguments.ts";
import { splitDataset, subset } from "../../../src/datasets/index.ts";
import { formatNames } from "../../../src/index.ts";
import { openDataset, saveDataset } from "../../../src/node.ts";
import { Inkling } from "../../cli/inkling.ts";
import { content } from "../../formats/datasets.ts";
import { file, serve } from "./server.ts";

let inkling: Inkling;
const at = (name: string) => join(inkling.cwd, name);
beforeAll(async () => {
  inkling = new Inkling();
  await inkling.writeBars("bars", 60);
});
afterAll(() => inkling.remove());

describe("inkling data", () => {
  const bars = () => join(inkling.data, "bars.tar.gz");

  it("exports, samples and merges, and replaces nothing unasked", async () => {
    const exported = await inkling.run("data", "export", bars(), "bars.npz", "--json");
    expect(JSON.parse(exported.stdout)).toEqual({ formatVersion: 1, path: "bars.npz", images: 60 });
    expect(content(await openDataset(at("bars.npz")))).toEqual(content(await openDataset(bars())));
    const again = await inkling.run("data", "export", bars(), "bars.npz");
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/bars.npz already exists.*--force/)]);
    expect((await inkling.run("data", "sample", bars(), "few.csv", "--size", "0.5")).code).toBe(0);
    expect((await openDataset(at("few.csv"))).labels.length).toBe(30);
    expect((await inkling.run("data", "merge", "few.csv", "bars.npz", "--out", "all.zip")).code).toBe(0);
    expect((await openDataset(at("all.zip"))).labels.length).toBe(90);
  });

  it("splits into a file for each part", async () => {
    const { stdout, code } = await inkling.run(
      "data",
      "split",
      bars(),
      "parts",
      "--test-size",
      "12",
      "--seed",
      "3",
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout).parts.map(({ images }: { images: number }) => images)).toEqual([42, 6, 12]);
    const dataset = await openDataset(bars());
    const split = splitDataset(dataset, { test: 12, seed: 3 });
    expect(content(await openDataset(at("parts/test.inkling")))).toEqual(content(subset(dataset, split.test)));
  });

  it.each([
    ["folder", "training", 3],
    ["npy", "training-images.npy", 9],
    ["idx", "training-images-idx3-ubyte", 9],
    ["csv-files", "training.csv", 6],
  ])("splits into files that are read back: %s", async (format, name, files) => {
    const folder = `parts-${format}`;
    const { code, stderr } = await inkling.run("data", "split", bars(), folder, "--format", format);
    expect([code, stderr.match(/inkling: .*/)]).toEqual([0, null]);
    expect(readdirSync(at(folder)).length).toBe(files);
    expect((await openDataset(at(join(folder, name)))).labels.length).toBe(48);
  });

  it("replaces files where it is forced to, all that it writes, and no folder that holds anything", async () => {
    const to = (path: string, ...more: string[]) => inkling.run("data", "export", bars(), path, ...more);
    writeFileSync(at("labels.npy"), "mine");
    expect(await to("images.npy")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/labels\.npy already exists/),
    });
    expect(readFileSync(at("labels.npy"), "utf8")).toBe("mine");
    expect((await to("images.npy", "--force")).code).toBe(0);
    expect((await openDataset(at("images.npy"))).labels.length).toBe(60);
    for (const path of ["folder/", "list.jsonl"]) {
      expect((await to(path)).code).toBe(0);
      const refused = {
        code: 2,
        stderr: expect.stringMatching(/is a folder that is not empty; choose another, or remove it/),
      };
      expect(await to(path, "--force")).toMatchObject(refused);
    }
  });

  it("divides an export only where the format holds parts, and counts what is written", async () => {
    const to = (path: string, ...more: string[]) => inkling.run("data", "export", at("few/"), path, ...more);
    const few = await openDataset(bars());
    const image = few.images.subarray(0, few.images.length / few.labels.length);
    const alike = { ...few, images: Buffer.concat(Array.from({ length: 60 }, () => image)) };
    await saveDataset(alike, at("few/"));
    expect((await to("few.npz")).code).toBe(0);
    expect(await to("few.pickle")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/all are written as training/),
    });
    expect((await openDataset(at("few.pickle"))).labels.length).toBe(60);
    expect((await to("few.pickle", "--force", "--test-size", "5")).stderr).toContain(
      "all 60 images have the same pixels",
    );
    expect(await to("few2.npz", "--training-size", "5")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/few2\.npz: npz holds an unsplit data set.*inkling data split/),
    });
    const sizes = ["--training-size", "20", "--validation-size", "5", "--test-size", "5", "--json"];
    const { stdout } = await inkling.run("data", "export", bars(), "some.pickle", ...sizes);
    expect(JSON.parse(stdout).images).toBe(30);
  });

  it("says early and plainly what is wrong", async () => {
    const said = async (...words: string[]) => {
      const { code, stderr } = await inkling.run("data", ...words);
      return `${code} ${stderr.replace(/^Read .*\n/, "")}`;
    };
    expect(await said("pack", bars(), "a.npz")).toMatch(/^2 .*data pack writes \.inkling; .*export writes \.npz/);
    expect(await said("sample", bars(), "a.csv", "--size", "0")).toMatch(
      /^2 .*sample: --size is 0, expected a fraction/,
    );
    expect(await said("sample", bars(), "a.csv", "--size", "61")).toMatch(/^2 .*images up to 60/);
    expect(await said("split", bars(), "none", "--format", "foo")).toMatch(/^2 .*--format is foo/);
    expect(existsSync(at("none"))).toBe(false);
    expect(await said("inspect", "no such", "--html", "no/a.html")).toMatch(
      /^1 .*no\/a\.html cannot be written: the folder no does not exist/,
    );
    expect(await said("inspect", "no such", "--html", ".")).toMatch(
      /^1 .*\. cannot be written: it is a folder; specify a file\n$/,
    );
    expect(await said("audit", "no such", "--folds", "1")).toMatch(
      /^2 .*--folds is 1, expected a whole number of at least 2\n$/,
    );
    expect(await said("inspect", `${bars()}#foo`)).toMatch(
      /^1 .*has no part foo; parts are training, validation, test/,
    );
  });

  it("names the formats that there are", () => {
    expect(FORMATS).toEqual(formatNames);
  });

  it("fetches by address into the cache and says what, where from and where to; other commands find it there", async () => {
    await using server = await serve(file(readFileSync(bars())));
    const first = await inkling.run("data", "fetch", server.url);
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(
      /Fetching data\.bin from http:\S+\n {2}to \S+data\.bin\n {2}\d+ kB, SHA-256 [0-9a-f]{64}\n/,
    );
    expect(existsSync(first.stdout.trim())).toBe(true);
    expect((await inkling.run("data", "export", server.url, "fetched.npz")).code).toBe(0);
    expect(server.requests.length).toBe(1);
  });

  it("says in a line or two what cannot be fetched", async () => {
    const plain = await inkling.run("data", "fetch", "http://example.com/data.tar.gz");
    expect([plain.code, plain.stderr]).toEqual([2, expect.stringMatching(/^inkling: .*not HTTPS.*--insecure/)]);
    const unknown = await inkling.run("data", "fetch", "emnist");
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringMatching(/emnist is neither a data set to fetch nor an address; give notmnist-small/),
    ]);
    const help = await inkling.run("data", "fetch", "--help");
    expect(help.stdout).toMatch(/INKLING_CACHE/);
  });
});

const archive = fileURLToPath(new URL("../../../../shared/data/notMNIST_small.tar.gz", import.meta.url));

describe.skipIf(!existsSync(archive))("the preparation of the course, in two commands", () => {
  it("fetches and packs notMNIST.pickle, which is read back identical", async () => {
    await using server = await serve(file(readFileSync(archive), { after: 3_000_000 }), file(readFileSync(archive)));
    const url = server.url.replace("data.bin", "notMNIST_small.tar.gz");
    expect((await inkling.run("data", "fetch", url)).stderr).toMatch(/retrying in 1 s/);
    const sizes = ["--training-size", "10000", "--validation-size", "1000", "--test-size", "2000"];
    expect((await inkling.run("data", "export", url, "notMNIST.pickle", ...sizes)).code).toBe(0);
    const dataset = await openDataset(archive);
    const split = splitDataset(dataset, { training: 10_000, validation: 1000, test: 2000 });
    for (const part of ["training", "validation", "test"] as const) {
      const read = await openDataset(`${at("notMNIST.pickle")}#${part}`);
      const expected = subset(dataset, split[part]);
      expect(Buffer.from(read.images).equals(expected.images)).toBe(true);
      expect(read.labels).toEqual(expected.labels);
      expect(read.classNames).toEqual(expected.classNames);
    }
    expect(readdirSync(inkling.cwd).filter((name) => name.includes(".tmp"))).toEqual([]);
  });
});
