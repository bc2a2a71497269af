import { cpSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TrainingSpec } from "../../src/index.ts";
import { locateData } from "../../src/node.ts";
import { placesOf } from "../../src/runs/node/dataPlaces.ts";

/** A user's folder with a project in it: data, and a run trained on them from the project's folder. */
let home: string;
const before = process.cwd();
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "inkling-places-")));
  mkdirSync(join(home, "project/data"), { recursive: true });
  mkdirSync(join(home, "project/runs/one"), { recursive: true });
  for (const name of ["a.tar.gz", "fixes.json"]) writeFileSync(join(home, "project/data", name), "");
  process.chdir(join(home, "project"));
});
afterEach(() => {
  process.chdir(before);
  rmSync(home, { recursive: true });
});

const config = {
  data: { source: "data/a.tar.gz#training", test: "data/a.tar.gz#test", fixes: ["data/fixes.json"], fingerprint: "f" },
} as unknown as TrainingSpec;
const trained = () => ({ config, places: placesOf("runs/one", config.data) });
const dataOf = (folder: string, run: Parameters<typeof locateData>[1]) => locateData(folder, run).data;

describe("the data of a run", () => {
  it("are named as the user did while that leads to them", () => {
    expect(dataOf("runs/one", trained())).toEqual(config.data);
    expect(trained().places["data/a.tar.gz"]).toEqual({
      absolute: join(home, "project/data/a.tar.gz"),
      relative: "../../data/a.tar.gz",
    });
  });

  it("are found from another working directory, even where the same path leads elsewhere", () => {
    const run = trained();
    mkdirSync(join(home, "other/data"), { recursive: true });
    writeFileSync(join(home, "other/data/a.tar.gz"), "other");
    process.chdir(join(home, "other"));
    expect(dataOf("../project/runs/one", run)).toEqual({
      ...config.data,
      source: `${join(home, "project/data/a.tar.gz")}#training`,
      test: `${join(home, "project/data/a.tar.gz")}#test`,
      fixes: [join(home, "project/data/fixes.json")],
    });
  });

  it("are found after the run was moved, alone or with them, or they were put beside it", () => {
    const run = trained();
    process.chdir(home);
    cpSync("project/runs/one", "elsewhere/one", { recursive: true });
    expect(dataOf("elsewhere/one", run).source).toBe(`${join(home, "project/data/a.tar.gz")}#training`);
    renameSync("project", "renamed");
    expect(dataOf("renamed/runs/one", run).test).toBe("renamed/data/a.tar.gz#test");
    cpSync("renamed/data/a.tar.gz", "elsewhere/a.tar.gz");
    expect(dataOf("elsewhere/one", run).source).toBe("elsewhere/a.tar.gz#training");
    rmSync("elsewhere/a.tar.gz");
    expect(dataOf("elsewhere/one", run)).toEqual(config.data);
  });

  it("are found for runs that did not record where they were", () => {
    process.chdir(home);
    expect(dataOf("project/runs/one", { config }).source).toBe(`${join(home, "project/data/a.tar.gz")}#training`);
  });

  it("of a name to fetch, and of the letters, keep it", () => {
    for (const source of ["letters", "mnist#test"]) {
      mkdirSync(`runs/${source.split("#")[0]}`, { recursive: true });
      const named = { config: { ...config, data: { source, fingerprint: "f" } } };
      expect(placesOf("runs/one", named.config.data)).toEqual({});
      expect(dataOf("runs/one", named).source).toBe(source);
    }
  });
});
