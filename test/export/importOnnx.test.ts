import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { type GoldenVector, goldenVectors } from "../../src/export/exportable.ts";
import { exportOnnx } from "../../src/export/onnx/exportOnnx.ts";
import { importOnnx } from "../../src/export/onnx/importOnnx.ts";
import { type OnnxModel, type OnnxNode, onnxModel } from "../../src/export/onnx/messages.ts";
import { decodeMessage } from "../../src/export/onnx/protobuf.ts";
import {
  averagePool2d,
  conv2d,
  decodeModel,
  dense,
  flatten,
  gelu,
  maxPool2d,
  network,
  TrainedModel,
  withoutWinograd,
} from "../../src/index.ts";
import { layerTypes } from "../../src/layers/index.ts";
import { defineLayer, layerSchema } from "../../src/layers/layer.ts";
import { registerLayer } from "../../src/layers/registry.ts";
import { relu as reluOp } from "../../src/ops/relu.ts";
import { runCommand } from "../cli/program.ts";
import { calibrated, noise, randomFrom, randomNetwork, randomWeights } from "./networks.ts";

const NETWORKS = 15;

const small = network({ input: [8, 7, 1], classes: ["a", "b", "c"] }, [
  conv2d(4, 3, { padding: "same", strides: 2, name: "stem" }),
  gelu(),
  maxPool2d(2, { strides: 2 }),
  flatten(),
  dense(3, { name: "head" }),
]);
const trained = randomWeights(small, randomFrom(5));

/** The file of a model, changed. */
async function changed(change: (model: OnnxModel) => OnnxModel): Promise<Uint8Array> {
  return onnxModel.encode(change(decodeMessage(onnxModel, await exportOnnx(trained))));
}

const changedNodes = (change: (node: OnnxNode) => OnnxNode): Promise<Uint8Array> =>
  changed((model) => ({ ...model, graph: { ...model.graph!, node: model.graph!.node.map(change) } }));

describe("an ONNX file read again", () => {
  it("is the same model, to the bit of its logits, for random networks of all layers", async () => {
    for (let seed = 1001; seed <= 1000 + NETWORKS; seed++) {
      const random = randomFrom(seed);
      const made = randomWeights(randomNetwork(seed), random);
      const plain = new TrainedModel(withoutWinograd(made.model), made.weights);
      const bytes = await exportOnnx(made);
      const read = importOnnx(bytes).trained;
      const images = noise(made.model, 3, random);
      expect(await read.logits(images), `seed ${seed}`).toEqual(await plain.logits(images));
    }
  });

  it("has a bias that follows in a node of its own, unless the value before it is read by others, too", async () => {
    const withBiasApart = (isReadTwice: boolean) =>
      changed((model) => {
        const node = model.graph!.node.flatMap((own): readonly OnnxNode[] => {
          const [x, w, bias] = own.input;
          if (own.opType !== "Conv" || bias === undefined) return [own];
          const plain = { attribute: [], domain: undefined, name: undefined };
          const [output] = own.output as [string];
          return [
            { ...own, input: [x!, w!], output: ["c"] },
            { ...plain, opType: "Identity", input: ["c"], output: ["i"] },
            { ...plain, opType: "Add", input: ["i", bias], output: [isReadTwice ? "a" : output] },
            ...(isReadTwice ? [{ ...plain, opType: "Add", input: ["i", "a"], output: [output] }] : []),
          ];
        });
        return { ...model, graph: { ...model.graph!, node } };
      });
    const images = noise(small, 2, randomFrom(2));
    expect(await importOnnx(await withBiasApart(false)).trained.logits(images)).toEqual(await trained.logits(images));
    const twice = await withBiasApart(true);
    expect(() => importOnnx(twice)).toThrow("adds constants to what is not the output of a convolution");
  });

  it.each(["__proto__", "constructor", "x".repeat(1000)])("is refused with an attribute %.20s", async (name) => {
    const bytes = await changedNodes((node) =>
      node.opType === "Conv"
        ? { ...node, attribute: [...node.attribute, { ...node.attribute[0]!, name, i: 1, s: undefined, ints: [] }] }
        : node,
    );
    expect(() => importOnnx(bytes)).toThrow(
      /^ONNX file: node "stem" \(Conv\): .{9,82} is 1, which Inkling does not read$/,
    );
  });

  it("is tested with every layer that predictions need", () => {
    const used = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) for (const { type } of randomNetwork(seed).layers) used.add(type);
    const missing = layerTypes.map(({ type }) => type).filter((type) => !used.has(type) && !type.startsWith("random"));
    expect(missing, "add them to randomNetwork in networks.ts").toEqual([]);
  });

  it("keeps names, preparation, the checksum of the weights as trained, run, license and golden vectors", async () => {
    const images = noise(small, 6, randomFrom(6));
    const dataset = {
      images,
      labels: Uint16Array.of(0, 1, 2, 0, 1, 2),
      imageShape: small.input,
      classNames: small.classes,
      provenance: { source: "noise", description: "noise" },
      skipped: [],
    };
    const golden: readonly GoldenVector[] = await goldenVectors(trained, { dataset });
    const read = importOnnx(await exportOnnx(trained, { run: "runs/1", license: "MIT", golden }));
    expect(read.trained.model.layers).toEqual(small.layers);
    expect([...read.trained.weights]).toEqual([...trained.weights]);
    expect(read.trained.preparation).toEqual(trained.preparation);
    expect(read).toMatchObject({ run: "runs/1", license: "MIT", golden });
  });

  it("gives the same bytes when it is exported again, with a temperature and without", async () => {
    for (const one of [trained, calibrated(trained)]) {
      const bytes = await exportOnnx(one);
      expect(await exportOnnx(importOnnx(bytes).trained)).toEqual(bytes);
    }
  });

  it("keeps the calibration, and predicts with its temperature", async () => {
    const one = calibrated(trained);
    const read = importOnnx(await exportOnnx(one)).trained;
    const image = noise(small, 1, randomFrom(7));
    expect(read.calibration).toEqual(one.calibration);
    expect(await read.predict(image)).toEqual(await one.predict(image));
    expect((await read.predict(image)).probability).not.toBe((await trained.predict(image)).probability);
  });

  it("takes the Buffer of a file, wherever it lies in memory", async () => {
    const bytes = await exportOnnx(trained);
    const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    expect([...importOnnx(shifted).trained.weights]).toEqual([...trained.weights]);
  });
});

describe("an ONNX file of another tool", () => {
  /** The graph after pixels are normalized, with the operators that other tools use: a matrix and a bias, a final softmax. */
  const others = (softmax: boolean, opset = 13) =>
    changed(({ graph, ...model }) => {
      const nodes = graph!.node.slice(4).flatMap((node) => {
        if (node.opType !== "Gemm") return [node];
        const [x, w, b] = node.input as [string, string, string];
        const product = { ...node, opType: "MatMul", name: "product", input: [x, w], output: ["product"] };
        return [product, { ...node, opType: "Add", name: "sum", input: ["product", b] }];
      });
      const dim = [undefined, 1, 8, 7].map((value) => ({ value, parameter: undefined, denotation: undefined }));
      const type = { tensorType: { elementType: 1, shape: { dim } }, denotation: undefined };
      return {
        ...model,
        metadata: [],
        operatorSets: [{ domain: "", version: opset }],
        graph: {
          ...graph!,
          node: softmax ? nodes : nodes.slice(0, -1),
          input: [{ name: graph!.node[3]!.output[0], type }],
          output: [graph!.output[softmax ? 1 : 0]!],
        },
      };
    });
  const { classes, preprocessing } = small;

  it("is read with what it does not say: the classes, and how pixels are normalized", async () => {
    const images = noise(small, 3, randomFrom(8));
    for (const softmax of [true, false]) {
      const { trained: read, golden } = importOnnx(await others(softmax), undefined, { classes, preprocessing });
      expect(await read.logits(images)).toEqual(await trained.logits(images));
      expect(golden).toEqual([]);
      expect(read.model.layers.at(-1)).toMatchObject({ type: "dense", useBias: true });
    }
  });

  it("is refused where that is missing or does not fit", async () => {
    const bytes = await others(false);
    const read = (more: object) => () => importOnnx(bytes, undefined, { classes, preprocessing, ...more });
    expect(() => importOnnx(bytes)).toThrow("no metadata of Inkling's");
    expect(read({ classes: ["a"] })).toThrow("it has 3 logits, but classes has 1 name; give a name for each logit");
    const old = await others(false, 8);
    expect(() => importOnnx(old, undefined, { classes, preprocessing })).toThrow("opset 8, expected 9 to 22");
    const own = await changed((model) => ({ ...model, metadata: [] }));
    expect(() => importOnnx(own, undefined, { classes, preprocessing })).toThrow(
      "its inputs are not one tensor of float",
    );
  });

  it("becomes a file of Inkling's by inkling import, which names what it is not told", async () => {
    const folder = mkdtempSync(join(tmpdir(), "inkling-import-"));
    const at = (name: string) => join(folder, name);
    const said: string[] = [];
    const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
    try {
      writeFileSync(at("others.onnx"), await others(true));
      writeFileSync(at("own.onnx"), await exportOnnx(trained));
      writeFileSync(at("names.txt"), "a\r\nb\r\nc\r\n");
      const run = (...words: readonly string[]) => runCommand(["import", ...words]);
      const levels = ["--mean", "127.5", "--scale", "255"];

      await run(at("others.onnx"), at("read.safetensors"), "--classes", at("names.txt"), ...levels);
      expect(said.join("")).toMatch(
        /^\S*read.safetensors: 3 classes of images of 8×7×1, 5 layers, 91 weights, 2 kB\n$/,
      );
      const read = decodeModel(readFileSync(at("read.safetensors")));
      const images = noise(small, 2, randomFrom(9));
      const [found, wanted] = [await read.logits(images), await trained.logits(images)];
      for (const [k, logit] of wanted.entries()) expect(found[k]).toBeCloseTo(logit, 6); // other arithmetic
      expect(read.model.classes).toEqual(classes);

      await run(at("own.onnx"), at("own.safetensors"));
      expect(decodeModel(readFileSync(at("own.safetensors"))).model.classes).toEqual(classes);

      const refused = [
        [["others.onnx"], "others.onnx: ONNX file: it has no metadata of Inkling's; .* inkling import --classes"],
        [["others.onnx", "--mean", "0"], "need the names of the classes; add --classes"],
        [["others.onnx", "--classes", "a,b"], "it has 3 logits, but classes has 2 names; give a name for each logit"],
        [["others.onnx", "--classes", at("gone.txt")], "gone.txt does not exist; specify a file of names, or names"],
        [["own.onnx", "--classes", "a,b,c", "--mean", "0"], "own.onnx is from Inkling"],
        [["own.onnx", "--classes", "x,y,z"], "own.onnx is from Inkling, .*; leave out --classes, --mean and --scale"],
      ] as const;
      for (const [[name, ...words], message] of refused)
        await expect(run(at(name), at("new.safetensors"), ...words)).rejects.toThrow(new RegExp(message));
      await expect(run(at("own.onnx"), at("read.safetensors"))).rejects.toThrow("already exists; choose another file");
      expect(existsSync(at("new.safetensors"))).toBe(false);
    } finally {
      spy.mockRestore();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what cannot be exported or read", () => {
  it("is an extension's op, which is named", async () => {
    const cube = { ...reluOp, name: "cube" };
    if (!layerTypes.some(({ type }) => type === "cube"))
      registerLayer(
        defineLayer({
          type: "cube",
          schema: layerSchema("cube", {}),
          build: (builder, [x]) => builder.apply(cube, { x }, {}),
        }),
      );
    const model = network(small, [flatten(), { type: "cube" }, dense(3)]);
    await expect(exportOnnx(randomWeights(model, randomFrom(1)))).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: "export to ONNX: cube_1 uses the op cube, which has no ONNX form; use built-in layers instead",
    });
  });

  it.each([
    ["a dilation rate above 1", averagePool2d(2, { dilationRate: 2 })],
    ["padding as large as its windows", maxPool2d(2, { strides: 1, padding: "same", dilationRate: 4 })],
  ])("is pooling with %s", async (what, pool) => {
    const model = network(small, [pool, flatten(), dense(3)]);
    await expect(exportOnnx(randomWeights(model, randomFrom(1)))).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: `export to ONNX: ${pool.type}_1 pools with ${what}, which ONNX Runtime does not read; use a smaller one`,
    });
  });

  const refused = (bytes: Uint8Array, code: string, message: string | RegExp) => {
    expect(() => importOnnx(bytes)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  };

  it("is another operator, or another use of one, with its node", async () => {
    const replaced = (name: string, change: Partial<OnnxNode>) =>
      changedNodes((node) => (node.name === name ? { ...node, ...change } : node));
    refused(
      await replaced("stem", { opType: "ConvTranspose" }),
      "UNSUPPORTED",
      /node "stem" \(ConvTranspose\): its operator/,
    );
    const nameless = await replaced("stem", { name: "", opType: "ConvTranspose", output: ["y"] });
    refused(nameless, "UNSUPPORTED", /node with output "y" \(ConvTranspose\): its operator/);
    refused(await replaced("head", { domain: "com.microsoft" }), "UNSUPPORTED", /node "head" \(com.microsoft.Gemm\)/);
    refused(await replaced("head", { opType: "constructor" }), "UNSUPPORTED", /\(constructor\)/);
    refused(await replaced("stem", { input: ["nothing"] }), "UNSUPPORTED", /node "stem" \(Conv\): has 1 inputs/);
    const pads = await changedNodes((node) => ({
      ...node,
      attribute: node.attribute.map((a) =>
        a.name === "pads" && node.name === "stem" ? { ...a, ints: [0, 0, -1, 0] } : a,
      ),
    }));
    refused(pads, "UNSUPPORTED", /node "stem" \(Conv\): pads are 0, 0, -1, 0, expected none below 0/);
  });

  it("is a file whose nodes share constants, which would become a large model", async () => {
    const shared = await changed(({ graph, ...model }) => {
      const [head, before] = [graph!.node.find(({ name }) => name === "head")!, "head.kernel"];
      const kernel = graph!.initializer.find(({ name }) => name === before)!;
      const square = (name: string, rows: number) => ({
        ...kernel,
        name,
        dims: [rows, 700],
        rawData: new Uint8Array(2800 * rows),
      });
      const nodes = Array.from({ length: 6 }, (_, k) => ({
        ...head,
        input: [k === 0 ? head.input[0]! : `y${k - 1}`, k === 0 ? "first" : "square"],
        output: [`y${k}`],
      }));
      const initializer = [...graph!.initializer, square("first", kernel.dims[0]!), square("square", 700)];
      const node = graph!.node.flatMap((one) => (one === head ? [...nodes, one] : [one]));
      return { ...model, graph: { ...graph!, node, initializer } };
    });
    refused(shared, "UNSUPPORTED", /head_6.kernel is one of many weights that share constants/);
  });

  it("is a file that is damaged, of another opset, or not Inkling's", async () => {
    refused(new Uint8Array(), "INVALID_DATA", "ONNX file: it has no graph");
    refused(Uint8Array.of(1, 2, 3), "INVALID_DATA", "damaged or not an ONNX file");
    refused(
      await changed((model) => ({ ...model, operatorSets: [{ domain: "", version: 9 }] })),
      "UNSUPPORTED",
      "opset 9, expected 17",
    );
    refused(await changed((model) => ({ ...model, metadata: [] })), "UNKNOWN_FORMAT", "no metadata of Inkling's");
  });
});
