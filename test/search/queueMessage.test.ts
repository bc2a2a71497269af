import { beforeAll, describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { VERSION } from "../../src/base/formatVersion.ts";
import { philox } from "../../src/base/philox.ts";
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
import { generator, mutate, mutations } from "../hostile/mutations.ts";
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

  it("throws nothing but our errors, whatever it is", () => {
    const values = [null, -1, 1e308, "", "x".repeat(5000), [], {}, [[]], true, { type: "dense" }];
    const count = mutations(500);
    for (let k = 0; k < count; k++) {
      const draw = philox([k, 0], [0, 0, 0, 0]);
      // Bytes of the text, or one of its values.
      const damaged =
        k % 2 === 0
          ? Buffer.from(mutate(Buffer.from(message), generator(k))).toString()
          : JSON.stringify(replaced(JSON.parse(message), draw[0], values[draw[1] % values.length]));
      for (const decode of [decodeTask, decodeResult])
        try {
          decode(damaged);
        } catch (error) {
          if (!(error instanceof InklingError)) throw error;
        }
    }
  });

  it("is never sent with the password in what is shown", () => {
    expect(shownAddress("rediss://me:secret@example.org:6380/2?password=secret")).toBe(
      "rediss://me@example.org:6380/2",
    );
    for (const wrong of ["localhost", "http://x", "redis://", "redis:secret"])
      expect(() => shownAddress(wrong)).toThrow("the address of a queue begins with redis://");
  });
});

/** A value of JSON with another one in one place. */
function replaced(json: unknown, draw: number, by: unknown): unknown {
  if (typeof json !== "object" || json === null) return by;
  const keys = Object.keys(json);
  if (keys.length === 0) return by;
  const key = keys[draw % keys.length]!;
  const inner = replaced((json as Record<string, unknown>)[key], Math.floor(draw / keys.length), by);
  return Array.isArray(json) ? json.with(Number(key), inner) : { ...json, [key]: inner };
}
