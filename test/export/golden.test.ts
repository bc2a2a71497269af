import { describe, expect, it } from "vitest";
import { exportable, goldenVectors } from "../../src/export/exportable.ts";
import { batchNormalization, conv2d, dense, flatten, network, TrainedModel } from "../../src/index.ts";
import { buildGraph, initialWeights } from "../../src/model/build.ts";
import { weightsSha256 } from "../../src/training/weightsSha256.ts";

const model = network({ input: [6, 5, 1], classes: ["a", "b", "c"] }, [
  conv2d(4, 3),
  batchNormalization(),
  flatten(),
  dense(3),
]);
const trained = new TrainedModel(model, initialWeights(buildGraph(model, 1, false).weights, 3));
const dataset = {
  images: Uint8Array.from({ length: 12 * 30 }, (_, i) => (i * 7919) % 256),
  labels: Uint16Array.from({ length: 12 }, (_, i) => (i % 3 === 1 ? 0 : i % 3)),
  imageShape: [6, 5, 1] as const,
  classNames: ["a", "b", "c"],
  provenance: { source: "noise", description: "noise" },
  skipped: [],
};

describe("what the forms of export share", () => {
  it("is the folded network, with the checksum of the weights as they were trained", async () => {
    const { model: folded, weights, graph, weightsSha256: sha } = await exportable(trained);
    expect(folded.layers.map(({ type }) => type)).toEqual(["conv2d", "flatten", "dense"]);
    expect(graph.weights.map(({ tensor }) => weights.get(tensor.name)!.length)).toEqual([36, 4, 144, 3]);
    expect(sha).toBe(await weightsSha256(trained.weights));
  });

  it("includes one image of each class that is there, chosen by the seed, with its logits", async () => {
    const golden = await goldenVectors(trained, { dataset, seed: 2 });
    expect(golden.map(({ label }) => label)).toEqual([0, 2]);
    for (const { pixels, logits } of golden) expect(logits).toEqual(await trained.logits(pixels));
    expect(await goldenVectors(trained, { dataset, seed: 2 })).toEqual(golden);
    const rows = [2, 5];
    expect((await goldenVectors(trained, { dataset, rows })).map(({ label }) => label)).toEqual([2]);
    await expect(goldenVectors(trained, { dataset, rows: [12] })).rejects.toThrow(
      "row 12 is out of range, expected 0 to 11",
    );
  });
});
