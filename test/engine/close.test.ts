import { describe, expect, it } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import { predictionProgram } from "../../src/engine/imagePrograms.ts";
import { acquireThreads, releaseThreads, threadOf, useThreads } from "../../src/engine/threads.ts";
import { TrainedModel } from "../../src/evaluation/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { inferenceGraph, initialWeights, network } from "../../src/model/index.ts";
import { train } from "../../src/training/index.ts";
import { bars } from "../training/data.ts";

const data = bars(24, { classes: 2, size: 4 });
const model = network({ input: [4, 4, 1], classes: ["A", "B"] }, [flatten(), dense(2)]);

describe("an engine that is closed", () => {
  it("runs nothing and has no elements, and can be closed again", async () => {
    const { spec, logits } = predictionProgram(model, { batchSize: 1 });
    const engine = await Engine.create([spec], wasmBackend());
    {
      using closed = engine;
      closed.close();
    }
    await expect(engine.run("predict", 1)).rejects.toThrow("the engine is closed");
    expect(() => engine.elements("predict", logits)).toThrow("the engine is closed");
  });

  it("has left its last weights to the training", async () => {
    const run = train(model, data, { steps: 3, backend: "wasm" });
    for await (const event of run) if (event.type === "end") break;
    const { weights } = await run.model();
    expect(await train(model, data, { steps: 3, backend: "wasm" }).model()).toMatchObject({ weights });
  });

  it("is that of a run which ends before its end, wherever it is", async () => {
    const all = train(model, data, { steps: 3, backend: "wasm" });
    await all.result();
    for (const events of [0, 1, 2]) {
      const run = train(model, data, { steps: 3, backend: "wasm" });
      let last: TrainedModel;
      {
        await using followed = run;
        const iterator = followed[Symbol.asyncIterator]();
        for (let k = 0; k < events; k++) await iterator.next();
        last = await followed.current();
      }
      await run.close();
      await expect(run.result()).rejects.toMatchObject({ code: "ABORTED" });
      await expect(run.checkpoint()).rejects.toMatchObject({ code: "ABORTED" });
      expect((await run.current()).weights).toEqual(last.weights);
    }
    await all.close();
    expect((await all.result()).steps).toBe(3);
  });

  it("is replaced when a model predicts again", async () => {
    await using trained = new TrainedModel(model, initialWeights(inferenceGraph(model).weights, 1), wasmBackend());
    const image = data.images.subarray(0, 16);
    const before = await trained.predict(image);
    await trained.close();
    expect(await trained.predict(image)).toEqual(before);
  });
});

describe("a thread", () => {
  it("is kept for later engines until it has let go of 16 MiB, and is ended when no engine uses it", () => {
    let [started, stopped] = [0, 0];
    const start = () => {
      started++;
      return threadOf(
        () => {},
        () => {},
        () => stopped++,
      );
    };
    useThreads({ available: 2, backends: ["wasm"], start });
    const half = 2 ** 23;
    releaseThreads(acquireThreads(1), half);
    expect([started, stopped]).toEqual([1, 0]);
    const [first, second] = [acquireThreads(1), acquireThreads(1)];
    releaseThreads(first, half);
    expect([started, stopped]).toEqual([1, 0]); // the second engine still uses it
    releaseThreads(second, 0);
    expect([started, stopped]).toEqual([1, 1]);
    releaseThreads(acquireThreads(1), 0);
    expect([started, stopped]).toEqual([2, 1]);
  });
});
