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
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { machineError } from "../../src/base/node/systemError.ts";
import { type Thread, threadOf, useThreads } from "../../src/engine/threads.ts";
import { network, train } from "../../src/index.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { savePack } from "../../src/node.ts";
import { runCommand } from "../cli/program.ts";
import { png } from "../sources/files.ts";
import { bars } from "../training/data.ts";
import { withoutMemory } from "./allocations.ts";

/**
 * Each allocation of the commands that read or write is where memory runs out. CI does this at some of them, for some
 * commands; `INKLING_FAULTS=all npx vitest run test/hostile/allocations.test.ts` at each, for each.
 */
const ALL = process.env["INKLING_FAULTS"] === "all";
const PLACES = ALL ? Number.POSITIVE_INFINITY : 3;

/** Commands that write into a folder, out, which is empty before. */
const commands = [
  "data pack @pictures @out/x.inkling",
  "train @bars.inkling --recipe @model.json --steps 6 --batch-size 8 --out @out/run",
  "predict @run @pictures/A/1.png --json",
  ...(ALL
    ? [
        "data export @bars.inkling @out/x.npz",
        "data export @bars.inkling @out/x.tar.gz",
        "data export @bars.inkling @out/train-images-idx3-ubyte",
        "data split @bars.inkling @out/parts",
        "data merge @bars.inkling @bars.inkling --out @out/x.pickle",
        "data inspect @pictures --html @out/x.html --png @out/x.png",
        "data augment @bars.inkling --out @out/x.png",
        "data audit @bars.inkling --recipe @model.json --folds 2 --epochs 1 --out @out/a.json --write-fixes @out/f.json",
        "search @bars.inkling --recipe @model.json --space learning-rate=log:0.01..1 --trials 2 --steps 4 --out @out/study",
        "evaluate @run --html @out/x.html",
        "compare @run @second @other.inkling --html @out/x.html",
        "runs @ --html @out/x.html",
        "replay @run",
        "ensemble @run @second --out @out/x.safetensors",
        "export @run @out/x.onnx",
        "export @run @out/x.c",
        "export @run @out/x.wasm",
        "export @run @out/package/",
        "export @run @out/README.md",
      ]
    : []),
];
/** What goes on with what a command has left. */
const resumed: Readonly<Record<string, string>> = {
  run: "train --resume @out/run",
  study: "search --resume @out/study",
};

let root = "";
const at = (...names: readonly string[]) => join(root, ...names);
/** What commands have printed. */
let written: string[] = [];

const inkling = (line: string): Promise<void> =>
  runCommand(line.split(" ").map((word) => word.replace("@", `${root}/`)));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "inkling-allocations-"));
  await savePack(bars(40), at("bars.inkling"));
  await savePack(bars(40, { stream: 1 }), at("other.inkling"));
  for (const name of ["A", "B"]) {
    mkdirSync(at("pictures", name), { recursive: true });
    for (let k = 0; k < 4; k++) {
      const rows = Array.from({ length: 32 }, (_, y) =>
        Array.from({ length: 32 }, (_, x) => k + (name === "A" ? x : y)),
      );
      writeFileSync(at("pictures", name, `${k}.png`), png(32, rows));
    }
  }
  const layers = [conv2d(2, 3), batchNormalization(), relu(), flatten(), dense(4)];
  writeFileSync(at("model.json"), JSON.stringify(network({ input: [8, 8, 1], classes: [..."ABCD"] }, layers)));
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
  await inkling("train @bars.inkling --recipe @model.json --steps 6 --batch-size 8 --out @run");
  if (ALL) await inkling("train @bars.inkling --recipe @model.json --steps 6 --batch-size 8 --seed 2 --out @second");
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

type Contents = Readonly<Record<string, string>>;

/** The files that have been written. Records of runs, and the journal of a study, have times. */
const contents = (): Contents =>
  Object.fromEntries(
    readdirSync(at("out"), { recursive: true, encoding: "utf8" })
      .filter((name) => !/run\.json$|journal/.test(name) && statSync(at("out", name)).isFile())
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(at("out", name)))
          .digest("hex"),
      ]),
  );

describe("memory that runs out anywhere", () => {
  const begin = () => {
    rmSync(at("out"), { recursive: true, force: true });
    mkdirSync(at("out"));
  };
  /** What is wrong with an error, or with what it leaves. */
  const faultOf = async (thrown: unknown, done: Contents): Promise<string | undefined> => {
    const shown = machineError(thrown) ?? thrown;
    if (!(shown instanceof InklingError)) return (shown as Error).stack;
    const { message } = shown;
    if (message.split("\n").length > 2) return message;
    if (!/memory|allocation failed/.test(message + written.join(""))) return message;
    for (const [name, goOn] of Object.entries(resumed)) {
      if (existsSync(at("out", name, name === "run" ? "run.json" : "journal.jsonl"))) await inkling(goOn);
    }
    const left = contents();
    const other = Object.keys(left).filter((file) => left[file] !== done[file]);
    return other.length > 0 ? `left ${other.join(", ")}` : undefined;
  };

  it.each(commands)(
    "is said by inkling %s, which damages nothing",
    { timeout: ALL ? 3_600_000 : 60_000 },
    async (line) => {
      begin();
      const { allocations, error } = await withoutMemory(Number.POSITIVE_INFINITY, () => inkling(line));
      expect(error).toBe(undefined);
      expect(allocations).toBeGreaterThan(0);
      const done = contents();
      const faults = new Map<string, number>();
      for (let n = 1; n <= allocations; n += Math.max(1, Math.floor(allocations / PLACES))) {
        begin();
        written = [];
        const { error: thrown } = await withoutMemory(n, () => inkling(line));
        const same = JSON.stringify(contents()) === JSON.stringify(done);
        const fault = thrown ? await faultOf(thrown, done) : same ? undefined : "ended with something else";
        if (fault !== undefined) faults.set(fault, n);
      }
      expect(Object.fromEntries(faults)).toEqual({});
    },
  );
});

describe("a thread that a machine does not start, or ends for want of memory", () => {
  const starting: Readonly<Record<string, () => Thread>> = {
    ERR_WORKER_INIT_FAILED: () => {
      throw Object.assign(new Error("Worker initialization failure: EAGAIN"), { code: "ERR_WORKER_INIT_FAILED" });
    },
    ERR_WORKER_OUT_OF_MEMORY: () =>
      threadOf(
        () => {},
        (_, fail) => setImmediate(() => fail("Worker terminated due to reaching memory limit")),
        () => {},
      ),
  };

  it.each(Object.entries(starting))("is said, with what to do (%s)", async (_, start) => {
    const options = { steps: 2, batchSize: 8, backend: "wasm" };
    const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
    useThreads({ available: 2, backends: ["wasm"], start });
    await expect(train(model, bars(40), { ...options, threads: 2 }).result()).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringMatching(/^a thread could not be started: Worker .*; try a single thread \(--threads 1\)$/),
    });
    expect((await train(model, bars(40), { ...options, threads: 1 }).result()).steps).toBe(2);
  });
});
