/** Mutated records, messages and other texts that are read: `npm run fuzz` tries more. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, it } from "vitest";
import { crc32 } from "../../src/base/crc32.ts";
import { InklingError } from "../../src/base/error.ts";
import { VERSION } from "../../src/base/formatVersion.ts";
import { parseJsonObject } from "../../src/base/json.ts";
import { readMetadata } from "../../src/cli/evaluate/readMetadata.ts";
import { pageCommand } from "../../src/cli/search/writePage.ts";
import { parseCalibration } from "../../src/evaluation/parseCalibration.ts";
import { exportWasm } from "../../src/export/wasm/exportWasm.ts";
import { openWasm } from "../../src/export/wasm/openWasm.ts";
import { encodeIdx } from "../../src/formats/idx.ts";
import { encodeNpy } from "../../src/formats/npy.ts";
import { calibrateModel, Ensemble, network, PortableRun, TrainedModel, train } from "../../src/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { inferenceGraph, initialWeights, parseModel } from "../../src/model/index.ts";
import { openDataset, readStudy } from "../../src/node.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { parsePreparation, resizeOnly } from "../../src/pictures/preparation.ts";
import { decodeCheckpoint } from "../../src/runs/checkpointFile.ts";
import { formatMetrics, parseMetrics } from "../../src/runs/metricsFile.ts";
import { decodeClassifier, encodeModel } from "../../src/runs/modelFile.ts";
import { parseRecord } from "../../src/runs/record.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/runs/safetensors.ts";
import { encodeEntry, type JournalEntry } from "../../src/search/journal.ts";
import { decodeResult, decodeTask, divisionSha256, encodeTask } from "../../src/search/queueMessage.ts";
import { trialSpec } from "../../src/search/trialSpec.ts";
import { formatLink, parseLink } from "../../src/studio/link.ts";
import { parseArguments } from "../../src/studio/server/callSchemas.ts";
import { decodeBody, encodeBody } from "../../src/studio/wire.ts";
import { Editing } from "../../src/studio/worker/editing.ts";
import { parseSpace } from "../../src/training/space/parameter.ts";
import { parseTrainingSpec } from "../../src/training/spec.ts";
import { base, definition, data as studied } from "../search/tinyStudy.ts";
import { bars } from "../training/data.ts";
import { recipeModel } from "../training/recipeModel.ts";
import { expectSound, isLong, mutations, type Parser, timeout } from "./mutations.ts";

const json = (bytes: Uint8Array) => {
  const found = parseJsonObject(new TextDecoder().decode(bytes));
  if (found) return found;
  throw new InklingError("INVALID_DATA", "it is not a JSON object");
};
const text = (value: unknown) => Buffer.from(JSON.stringify(value));
const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
const large = recipeModel("lenet", { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] });
const trained = new TrainedModel(model, initialWeights(inferenceGraph(model).weights, 1));
/** The header of a file in the format of safetensors, and a file with it and the values that it lists. */
const headerOf = (file: Uint8Array) => file.slice(8, 8 + Number(Buffer.from(file).readBigUInt64LE()));
function withHeader(header: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const ends = Array.from(
    Buffer.from(header)
      .toString()
      .matchAll(/"data_offsets":\[\d+,(\d{1,6})\]/g),
    ([, end]) => Number(end),
  );
  return Buffer.concat([length, header, Buffer.alloc(Math.max(0, ...ends))]);
}
const dataset = { ...bars(12), names: Array.from({ length: 12 }, (_, n) => `A/${n}.png`) };

async function runOf(steps: number, validateEvery: number) {
  const run = new PortableRun({ source: "bars" });
  const options = { batchSize: 8, steps, validateEvery, checkpointEvery: 0, optimizer: sgd(0.1), backend: "wasm" };
  for await (const event of train(model, bars(100), options)) run.record(event);
  return run;
}
let run: PortableRun;
let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "inkling-records-"));
  for (const name of ["study", "set"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "set", "x-images.npy"), encodeNpy(dataset.images, [12, 8, 8]));
  writeFileSync(join(folder, "set", "x-images-idx3-ubyte"), encodeIdx(dataset.images, [12, 8, 8]));
  run = await runOf(6, 3);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = async (pattern: RegExp) => (await run.files()).find(({ name }) => pattern.test(name))!.bytes;
/** The labels, or the class names, beside a file of images. */
const beside = (images: string, name: string) => (bytes: Uint8Array) => {
  writeFileSync(join(folder, "set", name), bytes);
  return openDataset(join(folder, "set", images));
};

const time = "2026-01-02T03:04:05.678Z";
const training = { recipe: "lenet", origin: { source: "letters" }, overrides: {}, backend: "wasm" };
/** A journal of that many trials. */
function journalOf(trials: number): Buffer {
  const parameters = { learningRate: 0.1, batchSize: 8, width: 4 };
  const entries: readonly JournalEntry[] = [
    { type: "study", name: "lenet on letters", maximize: true },
    { type: "note", key: "definition", value: { ...definition, pruning: { ...definition.pruning, type: "none" } } },
    { type: "note", key: "training", value: training },
    { type: "note", key: "trials", value: trials },
    ...Array.from({ length: trials }, (_, trial): readonly JournalEntry[] => [
      { type: "trial", trial, parameters, time },
      { type: "score", trial, rung: 0, steps: 36, score: 0.875, weightsSha256: "ab", seconds: 1.5 },
      { type: "end", trial, state: "complete", score: 0.875, time },
    ]).flat(),
  ];
  return Buffer.from(entries.map((entry) => encodeEntry(entry, definition.space)).join(""));
}
/** A journal whose checksums are right. */
const sealed = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(
    Buffer.from(bytes)
      .toString()
      .replace(/^(.*),"crc":"[^"]*"\}$/gm, (_, line: string) => {
        return `${line},"crc":"${crc32(Buffer.from(line)).toString(16).padStart(8, "0")}"}`;
      }),
  );

/** A checkpoint whose checksum is right, if it is a file of weights at all. */
function resealed(bytes: Uint8Array): Uint8Array {
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const { "inkling.sha256": _, ...rest } = metadata;
    const sha256 = createHash("sha256")
      .update(encodeSafetensors([...tensors.values()], rest))
      .digest("hex");
    return encodeSafetensors([...tensors.values()], { ...rest, "inkling.sha256": sha256 });
  } catch {
    return bytes;
  }
}

const picture = { width: 2, height: 2, data: new Uint8ClampedArray(16) };
const calls = {
  start: [{ recipe: "lenet", overrides: { steps: 3 } }],
  look: [picture],
  tiles: [new Uint32Array(9), 28],
};
const bodyOf = async (value: unknown) => new Uint8Array(await encodeBody(value).arrayBuffer());

const parsers: Readonly<Record<string, Parser>> = {
  "run.json": {
    seeds: async () => [text(json(await fileOf(/^run\.json$/)))],
    parse: (bytes) => parseRecord(json(bytes), "run.json"),
    isJson: true,
  },
  "metrics.jsonl": {
    seeds: async () => [await fileOf(/^metrics/)],
    real: () => [Buffer.from(run.validations.flatMap((event) => Array(2000).fill(formatMetrics(event))).join(""))],
    parse: (bytes) => parseMetrics(bytes, "metrics.jsonl"),
    isJson: true,
  },
  "a checkpoint": { seeds: async () => [await fileOf(/^checkpoint/)], parse: decodeCheckpoint, repair: resealed },
  "a run in a file": { seeds: async () => [await run.encode()], parse: PortableRun.open },
  "a model": {
    seeds: () => [text(model)],
    real: () => [text(large)],
    parse: (bytes) => parseModel(json(bytes)),
    isJson: true,
  },
  "the header of a file of weights": {
    seeds: () => [headerOf(encodeModel(trained))],
    real: () => [headerOf(encodeModel(new Ensemble([trained, trained])))],
    parse: (bytes) => decodeClassifier(withHeader(bytes)),
    isJson: true,
  },
  "a training": {
    seeds: () => [text(run.run!.config)],
    parse: (bytes) => parseTrainingSpec(json(bytes)),
    isJson: true,
  },
  "a space": { seeds: () => [text(definition.space)], parse: (bytes) => parseSpace(json(bytes)), isJson: true },
  "a study": {
    seeds: () => [journalOf(3)],
    real: () => [journalOf(2000)],
    parse: async (bytes) => {
      writeFileSync(join(folder, "study", "journal.jsonl"), bytes);
      const { study } = await readStudy(join(folder, "study"));
      study.ready();
      if (isLong && bytes.length < 10_000)
        await pageCommand(join(folder, "study"), { html: join(folder, "study.html") });
      return [study.ranking, study.trials, study.size];
    },
    repair: sealed,
    isJson: true,
  },
  "a task of a queue": {
    async seeds() {
      const spec = await trialSpec(base, { learningRate: 0.1, batchSize: 8, width: 4 });
      const division = divisionSha256(studied.division);
      const places = { "/data": { absolute: "/data", relative: "../data" } };
      const task = { inkling: VERSION, arithmetic: "fma", name: "one", spec, steps: 12, division, places } as const;
      return [Buffer.from(encodeTask(task))];
    },
    parse: (bytes) => decodeTask(new TextDecoder().decode(bytes)),
    isJson: true,
  },
  "a result of a queue": {
    seeds: () => [text({ score: 0.5, weightsSha256: "0".repeat(64), seconds: 1 }), text({ problem: "none" })],
    parse: (bytes) => decodeResult(new TextDecoder().decode(bytes)),
    isJson: true,
  },
  "a calibration": {
    seeds: () => {
      const logits = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i));
      return [
        text(
          calibrateModel(
            logits,
            Uint16Array.from({ length: 40 }, (_, i) => i % 3),
            3,
          ),
        ),
      ];
    },
    parse: (bytes) => parseCalibration(json(bytes), "calibration"),
    isJson: true,
  },
  "a preparation": {
    seeds: () => [Buffer.from(JSON.stringify({ ...resizeOnly, background: "dark", crop: true }).padEnd(400))],
    parse: (bytes) => parsePreparation(json(bytes), "preparation"),
    isJson: true,
  },
  "a call of the studio": {
    seeds: () => Promise.all(Object.entries(calls).map(([name, args]) => bodyOf([name, args]))),
    real: async () => [await bodyOf(["look", [{ width: 800, height: 600, data: new Uint8ClampedArray(1_920_000) }]])],
    parse: (bytes) => {
      const call = decodeBody(Uint8Array.from(bytes));
      const [name, args] = Array.isArray(call) ? call : [];
      if (!Object.hasOwn(calls, name)) throw new InklingError("INVALID_ARGUMENT", "no call");
      return parseArguments(name as keyof typeof calls, args);
    },
  },
  "a link to the studio": {
    seeds: () =>
      [formatLink({ settings: { recipe: "lenet", overrides: { steps: 9 }, layers: model.layers } })].map(Buffer.from),
    parse: (bytes) => {
      const link = parseLink(new TextDecoder().decode(bytes));
      if (!link) throw new InklingError("INVALID_ARGUMENT", "no link");
      return parseArguments("plan", [link.settings]);
    },
  },
  "edits of the studio": {
    seeds: () => {
      const editing = new Editing([..."ABCD"]);
      editing.make([{ type: "decide", rows: [1, 2], decision: { action: "relabel", to: 1 } }]);
      return [Buffer.from(editing.format())];
    },
    parse: (bytes) => new Editing([..."ABCD"]).restore(new TextDecoder().decode(bytes)),
    isJson: true,
  },
  "a WebAssembly file": {
    seeds: async () => [(await exportWasm(trained)).bytes],
    parse: openWasm,
  },
  "labels beside NumPy images": {
    seeds: () => [encodeNpy(Int32Array.from(dataset.labels), [12])],
    parse: beside("x-images.npy", "x-labels.npy"),
  },
  "labels beside IDX images": {
    seeds: () => [encodeIdx(Uint8Array.from(dataset.labels), [12])],
    parse: beside("x-images-idx3-ubyte", "x-labels-idx1-ubyte"),
  },
  "a table of metadata": {
    seeds: () => [Buffer.from("file,scanner\n0.png,a\nA/1.png,b\n")],
    real: () => [
      Buffer.from(`file,scanner\n${Array.from({ length: 9000 }, (_, n) => `A/${n}.png,s${n % 7}\n`).join("")}`),
    ],
    parse: (bytes) => {
      writeFileSync(join(folder, "metadata.csv"), bytes);
      return readMetadata(join(folder, "metadata.csv"), dataset, [0, 1, 2]);
    },
  },
};

it.each(Object.entries(parsers))("%s, mutated, is read or refused with a line", { timeout }, (name, parser) =>
  expectSound(name, parser, mutations(150)),
);
