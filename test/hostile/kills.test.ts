import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { auditCommand } from "../../src/cli/data/audit/audit.ts";
import { exportCommand, mergeCommand, splitCommand } from "../../src/cli/data/export/export.ts";
import { packCommand } from "../../src/cli/data/pack/pack.ts";
import { network, train } from "../../src/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { createRun, fetchDataset, openDataset, readMetrics, readRun, resumeRun, savePack } from "../../src/node.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { newestCheckpoint } from "../../src/runs/node/checkpoints.ts";
import { runCommand } from "../cli/program.ts";
import { file, serve } from "../sources/fetch/server.ts";
import { bars } from "../training/data.ts";
import { bury, type Fault, happened, withFault } from "./faults.ts";

/**
 * Every operation on files of the commands that write is where a process is killed, or an error of the file system
 * happens. CI does this at some of them; `INKLING_FAULTS=all npx vitest run test/hostile/kills.test.ts` at each, with each
 * error.
 */
const ALL = process.env["INKLING_FAULTS"] === "all";
const FAULTS: readonly Fault[] = ALL ? ["ENOSPC", "EIO", "EACCES", "EMFILE", "EROFS"] : ["EIO"];
const EVERY = ALL ? 1 : 9;
/** A run has more of them, and each takes a training. */
const EVERY_OF_RUN = ALL ? 1 : 31;
const PATIENCE = { timeout: ALL ? 3_600_000 : 60_000 };

/** A process that has ended. */
let gone = 0;
let root = "";
const at = (...names: readonly string[]) => join(root, ...names);
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "inkling-kills-"));
  gone = spawnSync(process.execPath, ["-e", ""]).pid;
  await savePack(bars(40), at("old.inkling"));
  await savePack(bars(40, { stream: 1 }), at("new.inkling"));
  if (!ALL) return;
  await savePack(bars(40, { stream: 2 }), at("other.inkling"));
  for (const [stream, name] of ["old", "new", "other"].entries()) {
    const dataset = bars(40, { stream });
    await using run = await createRun(at(`${name}-run`), { source: at(`${name}.inkling`) });
    const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
    for await (const event of train(model, dataset, { batchSize: 8, steps: 4 })) await run.record(event);
  }
});
afterAll(() => {
  rmSync(root, { recursive: true });
  if (ALL) console.info([...happened].map(([fault, count]) => `${fault}: ${count}`).join(", "));
});
const outputs = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
/** What a command has printed. */
let said = "";
beforeEach(() => {
  for (const { stream } of outputs) stream.write = (text) => (said += String(text)).length > 0;
});
afterEach(() => {
  for (const { stream, write } of outputs) stream.write = write;
});

/** The names and contents of a folder, as one number; without temporary files, if they may be left. */
function stateOf(folder: string, leftovers = true): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!leftovers && name.endsWith(".tmp")) continue;
    const path = join(folder, name);
    hash.update(`${name}\n`);
    if (statSync(path).isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

interface Case {
  /** Writes from a source into the folder; `again` replaces what is there. */
  readonly write: (source: string, folder: string, again: boolean) => Promise<unknown>;
  /** Opens what is there, if anything is. Throws an error of ours if it is not whole. */
  readonly read?: (folder: string) => Promise<string>;
  /** Whether it replaces what is there; the pictures of a list are never replaced. */
  readonly replaces?: boolean;
}

const options = (force: boolean) => ({ seed: 1, force });
const opened = (name: string) => async (folder: string) =>
  JSON.stringify([...(await openDataset(join(folder, name))).images]);
const exported = (name: string): Case => ({
  write: (source, folder, force) => exportCommand(source, join(folder, name), options(force)),
  read: opened(name),
});

/** What a command line does with the run of a set. */
const ofRun = (line: (run: string, folder: string) => string): Case => ({
  async write(source, folder, force) {
    const words = line(source.replace(/\.inkling$/, "-run"), folder).split(" ");
    await runCommand([...words, ...(force && !words.includes("--html") ? ["--force"] : [])]);
  },
});

/** Others that write, which a long run tests: each takes many seconds. */
const more: Readonly<Record<string, Case>> = {
  "export to C": ofRun((run, folder) => `export ${run} ${folder}/x.c`),
  "export to a package": ofRun((run, folder) => `export ${run} ${folder}/package/`),
  "export to ONNX": ofRun((run, folder) => `export ${run} ${folder}/x.onnx`),
  ensemble: ofRun((run, folder) => `ensemble ${run} ${at("other-run")} --out ${folder}/x.safetensors`),
  "a page of an evaluation": ofRun((run, folder) => `evaluate ${run} --html ${folder}/x.html`),
};

const cases: Readonly<Record<string, Case>> = {
  ...(ALL ? more : {}),
  "data pack": {
    write: (source, folder, force) => packCommand(source, join(folder, "x.inkling"), { force }),
    read: opened("x.inkling"),
  },
  "data export to IDX": exported("train-images-idx3-ubyte"),
  "data export to an archive": exported("x.tar.gz"),
  "data export to a list": { ...exported("x.jsonl"), replaces: false },
  "data merge": {
    write: (source, folder, force) => mergeCommand([source, source], { out: join(folder, "x.npz"), ...options(force) }),
  },
  "data split": {
    write: (source, folder, force) => splitCommand(source, folder, options(force)),
    read: async (folder) =>
      JSON.stringify(await Promise.all(["training", "test"].map((part) => opened(`${part}.inkling`)(folder)))),
  },
  "data audit": {
    write: (source, folder, force) =>
      auditCommand(source, {
        ...{ folds: 2, top: 1, force, recipe: at("recipe.json"), epochs: 1, threads: 1 },
        ...{ out: join(folder, "a.json"), writeFixes: join(folder, "f.json") },
      } as Parameters<typeof auditCommand>[1]),
  },
};

it("data split leaves no folder that it has created where the disk is full", async () => {
  const write = () => splitCommand(at("new.inkling"), at("split"), options(false));
  const { operations } = await withFault(at("split"), Number.POSITIVE_INFINITY, "ENOSPC", write);
  let failed = 0;
  for (let n = 1; n <= operations; n++) {
    rmSync(at("split"), { recursive: true, force: true });
    const { error } = await withFault(at("split"), n, "ENOSPC", write);
    if (!error) continue;
    failed++;
    expect(existsSync(at("split")), `at operation ${n}`).toBe(false);
  }
  expect(failed).toBeGreaterThan(2);
  rmSync(at("split"), { recursive: true, force: true });
});

/** An audit takes many seconds. */
const tested = Object.entries(cases).filter(([name]) => ALL || name !== "data audit");

describe.each(tested)("%s", (name, { write, read, replaces = true }) => {
  const from = (which: "old" | "new") => at(`${which}.inkling`);
  /** A folder with what the first set leaves, if there is to be something to replace, and the results of both. */
  const begin = async (label: string, isFilled: boolean) => {
    const folder = at(`${name.replaceAll(" ", "-")}-${label}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    if (isFilled) await write(from("old"), folder, false);
    return folder;
  };
  beforeAll(() => {
    const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
    writeFileSync(at("recipe.json"), JSON.stringify(model));
  });

  it.each(replaces ? (ALL ? [false, true] : [true]) : [false])(
    "killed at any operation is as it was, or done, and can be repeated (replacing: %s)",
    PATIENCE,
    async (isFilled) => {
      const folder = await begin("kill", isFilled);
      const before = stateOf(folder);
      const seen = new Set(["", read && isFilled ? await read(folder) : ""]);
      const { operations } = await withFault(root, Number.POSITIVE_INFINITY, "kill", () =>
        write(from("new"), folder, isFilled),
      );
      const after = stateOf(folder);
      if (read) seen.add(await read(folder));
      expect(operations).toBeGreaterThan(5);
      for (let n = 1; n <= operations; n += EVERY) {
        await begin("kill", isFilled);
        expect(stateOf(folder)).toBe(before);
        const { error } = await withFault(root, n, "kill", () => write(from("new"), folder, isFilled));
        await bury(root, gone);
        // Whoever reads now finds all of the old, all of the new, or neither.
        if (read)
          expect(seen).toContain(await read(folder).catch((cause) => (cause instanceof InklingError ? "" : cause)));
        if (!error) continue;
        // Nothing is in the way of the same command, unless it has been done.
        await write(from("new"), folder, isFilled || stateOf(folder) === after);
        expect(stateOf(folder), `after a kill at operation ${n}`).toBe(after);
      }
    },
  );

  it.each(FAULTS)("at any %s is as it was, or done, and says what failed", PATIENCE, async (fault) => {
    const folder = await begin("error", replaces);
    const before = stateOf(folder);
    const { operations } = await withFault(root, Number.POSITIVE_INFINITY, fault, () =>
      write(from("new"), folder, replaces),
    );
    const after = stateOf(folder);
    for (let n = 1; n <= operations; n += EVERY) {
      await begin("error", replaces);
      said = "";
      const { error } = await withFault(root, n, fault, () => write(from("new"), folder, replaces));
      // An export goes on without the test images where they cannot be read, and says so.
      if (!error && name.startsWith("export") && /cannot be read/.test(said)) continue;
      if (error) expect(error, `${fault} at operation ${n}`).toBeInstanceOf(InklingError);
      if (name !== "data audit")
        expect(stateOf(folder, false), `${fault} at operation ${n}`).toBe(error ? before : after);
    }
  });
});

describe("a run", () => {
  const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
  const data = bars(40);
  const options = { batchSize: 8, steps: 6, validateEvery: 3, checkpointEvery: 0, optimizer: sgd(0.1) };
  const path = () => at("run");
  /** Begins the run, or goes on with it. */
  const follow = async () => {
    const isBegun = await readRun(path()).then(
      () => true,
      () => false,
    );
    await using run = isBegun ? await resumeRun(path()) : await createRun(path(), { source: "bars" });
    const resume = run.checkpoint && { resume: run.checkpoint };
    if (run.run?.result) return;
    for await (const event of train(model, data, { ...options, ...resume })) await run.record(event);
  };
  const results = async () => {
    const { result } = await readRun(path());
    const files = ["model.safetensors", "best.safetensors", "metrics.jsonl"];
    return { weights: result!.weightsSha256, files: files.map((name) => readFileSync(join(path(), name), "base64")) };
  };
  const begin = () => rmSync(path(), { recursive: true, force: true });

  it.each<Fault>(["kill", ...FAULTS])(
    "after a %s at any operation loads, and ends the same",
    PATIENCE,
    async (fault) => {
      begin();
      const { operations } = await withFault(root, Number.POSITIVE_INFINITY, fault, follow);
      const expected = await results();
      for (let n = 1; n <= operations; n += EVERY_OF_RUN) {
        begin();
        const { error } = await withFault(root, n, fault, follow);
        await bury(root, gone);
        if (fault !== "kill" && error) expect(error, `${fault} at operation ${n}`).toBeInstanceOf(InklingError);
        const isBegun = readdirSync(root).includes("run") && readdirSync(path()).includes("run.json");
        if (isBegun) {
          await readMetrics(path());
          expect((await newestCheckpoint(path())).damaged).toEqual([]);
        }
        await follow();
        expect(await results(), `${fault} at operation ${n}`).toEqual(expected);
        expect(
          readdirSync(path()).filter((name) => /lock|tmp/.test(name)),
          `${fault} at operation ${n}`,
        ).toEqual([]);
      }
    },
  );
});

describe("data fetch", () => {
  it.each<Fault>(["kill", ...FAULTS])(
    "after a %s at any operation joins no two versions, and goes on",
    PATIENCE,
    async (fault) => {
      const versions = ["a", "b"].map((letter) => Buffer.alloc(200_000, letter));
      let current = 0;
      await using server = await serve((request, response) =>
        file(versions[current]!, { etag: `"${current}"` })(request, response),
      );
      const cache = at("cache");
      const get = () => fetchDataset(server.url, { cache, tries: 1, force: true });
      const begin = () => rmSync(cache, { recursive: true, force: true });
      begin();
      const { operations } = await withFault(root, Number.POSITIVE_INFINITY, fault, get);
      for (let n = 1; n <= operations; n += EVERY) {
        begin();
        current = 0;
        const { error } = await withFault(root, n, fault, get);
        await bury(root, gone);
        if (fault !== "kill" && error) expect(error, `${fault} at operation ${n}`).toBeInstanceOf(InklingError);
        current = 1;
        const path = await get();
        // The older one, if all of it had arrived.
        expect(
          versions.some((whole) => readFileSync(path).equals(whole)),
          `${fault} at operation ${n}`,
        ).toBe(true);
        expect(readdirSync(join(path, "..")), `${fault} at operation ${n}`).toEqual(["data.bin"]);
      }
    },
  );
});
