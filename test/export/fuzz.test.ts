import { it } from "vitest";
import { exportOnnx } from "../../src/export/onnx/exportOnnx.ts";
import { importOnnx } from "../../src/export/onnx/importOnnx.ts";
import { expectSound, mutations, timeout } from "../hostile/mutations.ts";
import { models, randomFrom, randomNetwork, randomWeights } from "./networks.ts";

it("a damaged ONNX file is read or refused", { timeout }, async () => {
  const seeds = Array.from({ length: 20 }, (_, seed) =>
    exportOnnx(randomWeights(randomNetwork(seed + 1), randomFrom(seed + 1))),
  );
  const real = models.map(([, model]) => exportOnnx(randomWeights(model, randomFrom(1))));
  const onnx = { seeds: () => Promise.all(seeds), real: () => Promise.all(real), parse: importOnnx };
  await expectSound("ONNX", onnx, mutations(3000));
});
