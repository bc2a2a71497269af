import { beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../../src/base/formatVersion.ts";
import { shownAddress } from "../../src/search/node/queue/connect.ts";
import {
  decodeResult,
  decodeTask,
  divisionSha256,
  encodeTask,
  type QueuedTask,
  taskId,
} from "../../src/search/queueMessage.ts";
import { trialSpec } from "../../src/search/trialSpec.ts";
import { TrainingData } from "../../src/training/index.ts";
import { base, data } from "./tinyStudy.ts";

describe("a message of a queue", () => {
  let task: QueuedTask;
  let message: string;
  beforeAll(async () => {
    const spec = await trialSpec(base, { learningRate: 0.1, batchSize: 8, width: 4 });
    const division = divisionSha256(data.division);
    task = { inkling: VERSION, arithmetic: "fma", name: "studies/one", spec, steps: 12, division, places: {} };
    message = encodeTask(task);
  });

  it("has the whole training, and a name that depends on what affects the weights alone", async () => {
    expect(decodeTask(message)).toEqual(task);
    const elsewhere = { ...task, name: "x", spec: { ...task.spec, data: { ...task.spec.data, source: "/other" } } };
    expect(await taskId(elsewhere)).toBe(await taskId(task));
    const others = [
      { ...task, steps: 11 },
      { ...task, spec: { ...task.spec, seed: 9 } },
      { ...task, division: divisionSha256(new TrainingData(data.dataset, { seed: 4 }).division) },
    ];
    for (const other of others) expect(await taskId(other)).not.toBe(await taskId(task));
  });

  it("names what is wrong with it", () => {
    const with_ = (changes: object) => JSON.stringify({ ...JSON.parse(message), ...changes });
    expect(() => decodeTask(with_({ steps: 1e9 }))).toThrow("task: steps is 1000000000, expected at most 36");
    expect(() => decodeTask(with_({ division: "x" }))).toThrow("task: division is");
    expect(() => decodeTask(with_({ formatVersion: 2 }))).toThrow("update Inkling");
    expect(() => decodeTask(with_({ run: "process.exit()" }))).toThrow("task: run is not an option");
    expect(() => decodeTask(undefined)).toThrow("task: it is not a JSON object");
    expect(() => decodeResult("[]")).toThrow("result is missing, expected a result");
  });

  it("is never sent with the password in what is shown", () => {
    expect(shownAddress("rediss://me:secret@example.org:6380/2?password=secret")).toBe(
      "rediss://me@example.org:6380/2",
    );
    for (const wrong of ["localhost", "http://x", "redis://", "redis:secret"])
      expect(() => shownAddress(wrong)).toThrow("the address of a queue begins with redis://");
  });
});
