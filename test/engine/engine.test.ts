import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { float32 } from "../../src/backends/interpret/rounding.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { subset } from "../../src/datasets/index.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feed, inMemory, loadWeights } from "../../src/engine/feed.ts";
import { evaluationProgram, trainingProgram } from "../../src/engine/programs.ts";
import { evaluateRows, readWeights } from "../../src/engine/session.ts";
import { conv2d, dense, dropout, flatten, relu } from "../../src/layers/index.ts";
import { initialWeights, network } from "../../src/model/index.ts";
import { bias } from "../../src/ops/bias.ts";
import { conv2d as convolution } from "../../src/ops/conv2d.ts";
import { dense as product } from "../../src/ops/dense.ts";
import { flatten as flat } from "../../src/ops/flatten.ts";
import { relu as bend } from "../../src/ops/relu.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { Shadow } from "../../src/testing/shadow.ts";
import { channelSum, parameter, randomFloats, scaleBatch, trainingSpec } from "../compiler/graphs.ts";
import { bars } from "../training/data.ts";

enableRelaxedSimd();
const classes = ["A", "B", "C"];
const model = network({ input: [8, 8, 1], classes }, [conv2d(4, 3), relu(), dropout(0.5), flatten(), dense(3)]);
const data = bars(20, { classes: 3 });

/** conv → mean of the batch subtracted → relu → dense: three segments. */
const centered = (batch: number) =>
  trainingSpec(batch, [8, 8, 1], (g, x) => {
    const [w, d] = [parameter("w", 3, 3, 1, 4), parameter("d", 256, 3)];
    const y = g.apply("y", convolution, { x, w }, { strides: [1, 1], padding: "same" });
    const sum = g.apply("sum", channelSum, { x: y }, {});
    const mean = g.apply("mean", scaleBatch, { x: sum }, { scale: -1 / (batch * 64) });
    const z = g.apply("z", bend, { x: g.apply("centered", bias, { x: y, b: mean }, {}) }, {});
    return {
      logits: g.apply("logits", product, { x: g.apply("flat", flat, { x: z }, {}), w: d }, {}),
      parameters: [w, d],
    };
  });

/** The images and labels of some batches, in an order that differs from one to the next. */
const batches = (batch: number, steps: number) => {
  const rows = Array.from({ length: batch * steps }, (_, i) => (i * 5 + 1) % batch);
  return subset(bars(batch, { classes: 3 }), rows);
};

describe("a network with a value of the batch in the middle", () => {
  /** Trains 3 steps in an engine's memory. */
  async function inEngine(batch: number, backend = wasmBackend(), steps = 3) {
    const { spec, images, labels, learningRate, loss, parameters } = centered(batch);
    const engine = await Engine.create([{ ...spec, steps }], backend);
    const fed = batches(batch, steps);
    engine.elements("train", images).set(fed.images);
    engine.elements("train", labels).set(fed.labels);
    engine.elements("train", learningRate).fill(0.2);
    const weights = parameters.map((w) => engine.elements("train", { ...w, type: "f32" }));
    weights.forEach((values, k) => {
      values.set(randomFloats([values.length], k));
    });
    await engine.run("train", steps);
    return { losses: [...engine.elements("train", loss)], weights: weights.map((w) => [...w]) };
  }

  /** The same with a separate buffer for each tensor, where NaN marks what has not been written. */
  function apart(batch: number) {
    const { spec, images, labels, learningRate, loss, parameters } = centered(batch);
    const execution = new Shadow({ ...spec, steps: 3 }, float32);
    const fed = batches(batch, 3);
    execution.elements(images).set(fed.images);
    execution.elements(labels).set(fed.labels);
    execution.elements(learningRate).fill(Math.fround(0.2));
    const weights = parameters.map((w) => execution.elements(w));
    weights.forEach((values, k) => {
      values.set(randomFloats([values.length], k));
    });
    execution.run(3);
    expect(execution.outside().zeros).toBeGreaterThan(0);
    expect(execution.outside().written).toBe(0);
    return { losses: [...execution.elements(loss)], weights: weights.map((w) => [...w]) };
  }

  it.each([6, 8, 13])("trains to the same bits with shared and with separate buffers, batch %i", async (batch) => {
    const want = apart(batch);
    expect(want.losses.every(Number.isFinite)).toBe(true);
    expect(await inEngine(batch, interpretBackend)).toEqual(want);
    expect(await inEngine(batch)).toEqual(want);
  });

  it("learns", async () => {
    const { losses } = await inEngine(12, wasmBackend(), 40);
    expect(losses.at(-1)!).toBeLessThan(0.2 * losses[0]!);
  });
});

describe("Engine", () => {
  const from = inMemory(data.images, data.labels);
  const training = trainingProgram(model, { batchSize: 4, optimizer: sgd(0.1), steps: 3 });
  const evaluation = evaluationProgram(model, { batchSize: 8 });

  async function create() {
    const engine = await Engine.create([training.spec, evaluation.spec], wasmBackend());
    loadWeights(engine, training, initialWeights(training.weights, 3));
    return engine;
  }

  it("gives its programs the same weights", async () => {
    const engine = await create();
    for (const [name, values] of initialWeights(training.weights, 3)) {
      const { tensor } = evaluation.weights.find((w) => w.tensor.name === name)!;
      expect(engine.elements("evaluate", { ...tensor, type: "f32" }), name).toEqual(values);
    }
  });

  it("is fed the images and labels of rows, batch after batch", async () => {
    const engine = await create();
    const rows = Uint32Array.of(3, 19, 3, 0, 7, 1, 2, 4);
    feed(engine, training, from, rows);
    const fed = subset(data, rows);
    expect(engine.elements("train", training.images).subarray(0, fed.images.length)).toEqual(fed.images);
    expect([...engine.elements("train", training.labels).subarray(0, 8)]).toEqual([...fed.labels]);
  });

  it("evaluates between training steps without affecting them", async () => {
    const steps = async (evaluate: boolean) => {
      const engine = await create();
      for (let step = 0; step < 4; step++) {
        feed(engine, training, from, Uint32Array.of(step, 5, 9, 13));
        engine.elements("train", training.scalars)[0] = 0.1;
        await engine.run("train", 1, step, 3);
        if (evaluate) await evaluateRows(engine, evaluation, from, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      }
      return readWeights(engine, training);
    };
    expect(await steps(true)).toEqual(await steps(false));
  });

  it("gives each row its own outputs in the requested order, whatever batch it is in", async () => {
    const engine = await create();
    const all = await evaluateRows(
      engine,
      evaluation,
      from,
      Uint32Array.from({ length: 20 }, (_, i) => i),
    );
    const rows = [19, 0, 7, 7, 3, 12, 1, 2, 4, 5, 6];
    const some = await evaluateRows(engine, evaluation, from, rows);
    expect([...some.losses]).toEqual(rows.map((row) => all.losses[row]));
    expect([...some.correct]).toEqual(rows.map((row) => all.correct[row]));
    expect([...some.logits]).toEqual(rows.flatMap((row) => [...all.logits.subarray(3 * row, 3 * row + 3)]));
    expect((await evaluateRows(engine, evaluation, from, [])).losses).toHaveLength(0);
  });

  it("evaluates deterministically, without dropout", async () => {
    const engine = await create();
    const outputs = await evaluateRows(engine, evaluation, from, [0, 1], 1, 1);
    expect(await evaluateRows(engine, evaluation, from, [0, 1], 2, 2)).toEqual(outputs);
  });

  it("drops by seed and step in a program with dropout", async () => {
    const dropping = evaluationProgram(model, { batchSize: 8, dropout: true, name: "dropping" });
    const engine = await Engine.create([dropping.spec], wasmBackend());
    loadWeights(engine, dropping, initialWeights(dropping.weights, 3));
    const losses = async (seed: number, step: number) => [
      ...(await evaluateRows(engine, dropping, from, [0, 1], seed, step)).losses,
    ];
    const first = await losses(1, 1);
    expect(await losses(1, 1)).toEqual(first);
    expect(await losses(2, 1)).not.toEqual(first);
    expect(await losses(1, 2)).not.toEqual(first);
    // The same image everywhere in the batch: each sample has its own mask.
    const same = await evaluateRows(engine, dropping, from, [0, 0, 0, 0, 0, 0, 0, 0], 1, 1);
    expect(new Set(same.losses).size).toBe(8);
  });

  it("rejects more steps than its program has room for, and unknown programs", async () => {
    const engine = await create();
    await expect(engine.run("train", 4)).rejects.toThrow("train: 4 steps in a call, at most 3");
    await expect(engine.run("other", 1)).rejects.toThrow("no program other");
  });

  it("throws if a network needs more memory than WebAssembly has", async () => {
    const wide = network({ input: [8, 8, 1], classes: ["a", "b"] }, [flatten(), dense(8_000_000), dense(2)]);
    const { spec } = trainingProgram(wide, { batchSize: 8, optimizer: sgd(0.1, { momentum: 0.9 }), steps: 1 });
    await expect(Engine.create([spec], wasmBackend())).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringMatching(
        /^the network needs \d\.\d GiB of memory, but WebAssembly is limited to 4; use a smaller network/,
      ),
    });
  });
});
