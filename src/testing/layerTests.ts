import type { Backend } from "../backends/backend.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { imagesInMemory } from "../engine/feed.ts";
import { Predictor } from "../evaluation/predictor.ts";
import type { TrainedModel } from "../evaluation/trainedModel.ts";
import { dense, flatten } from "../layers/index.ts";
import type { LayerConfig } from "../layers/layer.ts";
import { parseLayer } from "../layers/registry.ts";
import { buildGraph, initialWeights } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import { network, parseModel } from "../model/network.ts";
import { sgd } from "../optimizers/index.ts";
import { decodeModel, encodeModel } from "../runs/modelFile.ts";
import { train } from "../training/train.ts";
import { availableBackends } from "./backends.ts";
import { checkJson, checkRefused, type Test } from "./test.ts";
import { checkClose, checkSame, unitValues } from "./values.ts";

/** How a layer is tested. */
export interface LayerTestOptions {
  /** [height, width, channels] of the images that it reads. Default: [6, 5, 3]. */
  readonly input?: readonly [height: number, width: number, channels: number];
  /**
   * What it computes when testing, in float64: y from x [N,H,W,C], and from its weights by their names, such as
   * `kernel`. The layer must be within 1e-5 of y plus 1e-6.
   */
  readonly reference?: (x: Float64Array, shape: Shape, weights: ReadonlyMap<string, Float32Array>) => ArrayLike<number>;
  /** Default: all that are available here. */
  readonly backends?: readonly Backend[];
}

const IMAGES = 24;

/** Noise in two classes. */
function noise(imageShape: readonly [number, number, number]): Dataset {
  return {
    images: Uint8Array.from(unitValues(IMAGES * sizeOf(imageShape), 400), (value) => (value + 1) * 128),
    labels: Uint16Array.from({ length: IMAGES }, (_, i) => i % 2),
    imageShape,
    classNames: ["a", "b"],
    provenance: { source: "noise", description: "noise for tests" },
    skipped: [],
  };
}

/** The layer between the image and a dense one. */
const modelOf = (layer: LayerConfig, { imageShape, classNames }: Dataset): Model =>
  network({ input: imageShape, classes: classNames }, [{ ...layer, name: "tested" }, flatten(), dense(2)]);

const trainOn = async (model: Model, data: Dataset, backend: Backend): Promise<TrainedModel> =>
  train(model, data, { steps: 3, batchSize: 8, optimizer: sgd(0.05), seed: 1, threads: 1, backend }).model();

const allWeights = ({ weights }: TrainedModel): Float64Array =>
  Float64Array.from([...weights.values()].flatMap((values) => [...values]));

/** The layer's output for all images, when testing, by a network of nothing else. */
async function outputOf(layer: LayerConfig, data: Dataset, backend: Backend) {
  const spec = { input: data.imageShape, classes: data.classNames };
  const { outputs } = buildGraph(network(spec, [{ ...layer, name: "tested" }, flatten(), dense(2)]), 1, false);
  const classes = Array.from({ length: sizeOf(outputs.get("tested")!.shape) }, (_, k) => `${k}`);
  const model = network({ ...spec, classes }, [{ ...layer, name: "tested" }, flatten()]);
  const weights = initialWeights(buildGraph(model, 1, false).weights, 1);
  const predictor = await Predictor.create({ model, weights }, backend, { batchSize: IMAGES, threads: 1 });
  const read = imagesInMemory(data.images, sizeOf(data.imageShape));
  const y = await predictor.logits(
    read,
    Array.from({ length: IMAGES }, (_, row) => row),
  );
  const own = new Map([...weights].map(([name, values]) => [name.slice("tested.".length), values]));
  const { mean, scale } = model.preprocessing;
  return { y, x: Float64Array.from(data.images, (pixel) => (pixel - mean) / scale), weights: own };
}

/**
 * Tests of a registered layer with some settings: it survives JSON, alone and in a model; refuses a setting that it
 * does not have; is trained to the same weights on every back end, bit for bit where arithmetic is the same; survives a
 * model's file; and computes what `reference` says. Its ops have tests of their own: see {@link opTests}.
 */
export function layerTests(layer: LayerConfig, options: LayerTestOptions = {}): readonly Test[] {
  const { input = [6, 5, 3], reference, backends = availableBackends() } = options;
  const data = noise(input);
  return [
    { name: "survives JSON", run: () => checkJson(layer, (written) => parseLayer(written, layer.type)) },
    { name: "survives JSON in a model", run: () => checkJson(modelOf(layer, data), parseModel) },
    {
      name: "refuses a setting that it does not have",
      run: () =>
        checkRefused(() => parseLayer({ ...layer, noSuchSetting: 1 } as LayerConfig, layer.type), /noSuchSetting/),
    },
    ...backends.map((backend) => ({
      name: `is trained on ${backend.name}`,
      async run() {
        const model = modelOf(layer, data);
        const first = backends.find(({ arithmetic }) => arithmetic === backend.arithmetic)!;
        const [got, want] = [await trainOn(model, data, backend), await trainOn(model, data, first)];
        checkSame(`weights after 3 steps, bits of ${first.name}`, allWeights(got), allWeights(want));
      },
    })),
    {
      name: "survives a model's file",
      async run() {
        const trained = await trainOn(modelOf(layer, data), data, backends[0]!);
        const read = decodeModel(encodeModel(trained), backends[0]!);
        const image = data.images.subarray(0, sizeOf(input));
        const [before, after] = [await trained.predict(image), await read.predict(image)];
        checkJson(before, () => after);
      },
    },
    ...(reference
      ? backends.map((backend) => ({
          name: `computes its reference on ${backend.name}`,
          async run() {
            const { x, y, weights } = await outputOf(layer, data, backend);
            const want = reference(x, [IMAGES, ...input], weights);
            checkClose("y", y, want, (i) => 1e-5 * Math.abs(want[i]!) + 1e-6);
          },
        }))
      : []),
  ];
}
