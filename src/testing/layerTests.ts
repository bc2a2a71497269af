import type { Backend } from "../backends/backend.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { imagesInMemory } from "../engine/feed.ts";
import { Predictor } from "../evaluation/predictor.ts";
import type { TrainedModel } from "../evaluation/trainedModel.ts";
import { dense, flatten } from "../layers/index.ts";
import type { LayerConfig } from "../layers/layer.ts";
import { layerType, parseLayer } from "../layers/registry.ts";
import { buildGraph, initialWeights } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import { network, parseModel } from "../model/network.ts";
import { ofChannel } from "../ops/normalize.ts";
import { sgd } from "../optimizers/index.ts";
import { decodeModel, encodeModel } from "../runs/modelFile.ts";
import { train } from "../training/train.ts";
import { availableBackends } from "./backends.ts";
import { checkJson, checkRefused, type Test, testsOf } from "./test.ts";
import { checkClose, checkSame, unitValues } from "./values.ts";

/** How a layer is tested. */
export interface LayerTestOptions {
  /** [height, width, channels] of its input. Default: [6, 5, 3]. */
  readonly input?: readonly [height: number, width: number, channels: number];
  /** Whether it reads vectors: the images are then flattened first, and x is [N,H·W·C]. Default: false. */
  readonly flat?: boolean;
  /**
   * What the layer computes at inference, in float64: y from x [N,H,W,C] and its weights by name, such as `kernel`. The
   * layer must agree within 1e-5 · |y| + 1e-6.
   */
  readonly reference?: (x: Float64Array, shape: Shape, weights: ReadonlyMap<string, Float32Array>) => ArrayLike<number>;
  /** Default: all that are available, see {@link availableBackends}. */
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

/** A model of the layer, followed by a dense layer. */
const modelOf = (layer: LayerConfig, { imageShape, classNames }: Dataset, flat: boolean): Model =>
  network({ input: imageShape, classes: classNames }, [...tested(layer, flat), dense(2)]);

/** The layer, with its output flattened, and its input as well if it reads vectors. */
const tested = (layer: LayerConfig, flat: boolean): readonly LayerConfig[] => [
  ...(flat ? [flatten()] : []),
  { ...layer, name: "tested" },
  flatten(),
];

/** Trains on all images: to score a few would take longer than to train, since they are filled up to a large batch. */
const trainOn = async (model: Model, data: Dataset, backend: Backend): Promise<TrainedModel> => {
  const options = {
    steps: 3,
    batchSize: 8,
    optimizer: sgd(0.05),
    seed: 1,
    threads: 1,
    split: { validation: 0, test: 0 },
  };
  return train(model, data, { ...options, backend }).model();
};

const allWeights = ({ weights }: TrainedModel): Float64Array =>
  Float64Array.from([...weights.values()].flatMap((values) => [...values]));

/** The output of the layer for all images at inference, from a network of that layer alone. */
async function outputOf(layer: LayerConfig, data: Dataset, flat: boolean, backend: Backend) {
  const spec = { input: data.imageShape, classes: data.classNames };
  const { outputs } = buildGraph(modelOf(layer, data, flat), 1, false);
  const classes = Array.from({ length: sizeOf(outputs.get("tested")!.shape) }, (_, k) => `${k}`);
  const model = network({ ...spec, classes }, tested(layer, flat));
  const weights = initialWeights(buildGraph(model, 1, false).weights, 1);
  const predictor = await Predictor.create({ model, weights }, backend, { batchSize: IMAGES, threads: 1 });
  const read = imagesInMemory(data.images, sizeOf(data.imageShape));
  const y = await predictor.logits(
    read,
    Array.from({ length: IMAGES }, (_, row) => row),
  );
  const own = new Map([...weights].map(([name, values]) => [name.slice("tested.".length), values]));
  const { mean, scale } = model.preprocessing;
  const channel = (i: number) => i % data.imageShape[2];
  const x = Float64Array.from(
    data.images,
    (pixel, i) => (pixel - ofChannel(mean, channel(i))) / ofChannel(scale, channel(i)),
  );
  return { y, x, weights: own };
}

/**
 * Tests of a registered layer with the given settings. It survives JSON, alone and in a model; rejects an unknown setting;
 * trains to the same weights, bit for bit, on all back ends of equal arithmetic; survives a model file; and agrees with
 * `reference`, if given. Ops have tests of their own, see {@link opTests}.
 */
export function layerTests(layer: LayerConfig, options: LayerTestOptions = {}): readonly Test[] {
  const { input = [6, 5, 3], flat = false, reference, backends = availableBackends() } = options;
  const data = noise(input);
  return testsOf({ settings: layer, find: () => layerType(layer.type), register: "registerLayer" }, [
    { name: "survives JSON", run: () => checkJson(layer, (written) => parseLayer(written, layer.type)) },
    { name: "survives JSON in a model", run: () => checkJson(modelOf(layer, data, flat), parseModel) },
    {
      name: "rejects an unknown setting",
      run: () =>
        checkRefused(() => parseLayer({ ...layer, noSuchSetting: 1 } as LayerConfig, layer.type), /noSuchSetting/),
    },
    ...backends.map((backend) => ({
      name: `trains on ${backend.name}`,
      async run() {
        const model = modelOf(layer, data, flat);
        const first = backends.find(({ arithmetic }) => arithmetic === backend.arithmetic)!;
        const [got, want] = [await trainOn(model, data, backend), await trainOn(model, data, first)];
        checkSame(`weights after 3 steps, compared with ${first.name}`, allWeights(got), allWeights(want));
      },
    })),
    {
      name: "survives a model file",
      async run() {
        const trained = await trainOn(modelOf(layer, data, flat), data, backends[0]!);
        const read = decodeModel(encodeModel(trained), backends[0]!);
        const image = data.images.subarray(0, sizeOf(input));
        const [before, after] = [await trained.predict(image), await read.predict(image)];
        checkJson(before, () => after);
      },
    },
    ...(reference
      ? backends.map((backend) => ({
          name: `agrees with its reference on ${backend.name}`,
          async run() {
            const { x, y, weights } = await outputOf(layer, data, flat, backend);
            const want = reference(x, flat ? [IMAGES, sizeOf(input)] : [IMAGES, ...input], weights);
            checkClose("y", y, want, (i) => 1e-5 * Math.abs(want[i]!) + 1e-6);
          },
        }))
      : []),
  ]);
}
