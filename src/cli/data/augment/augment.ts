import { backend } from "../../../backends/index.ts";
import { FORMAT_VERSION } from "../../../base/formatVersion.ts";
import { Engine } from "../../../engine/engine.ts";
import { evaluationProgram } from "../../../engine/programs.ts";
import { evaluateRows, feed, inMemory } from "../../../engine/session.ts";
import { type Image, imageAt } from "../../../image/image.ts";
import { writePng } from "../../../image/node/writePng.ts";
import {
  type Dataset,
  flatten,
  gaussianNoise,
  InklingError,
  type LayerConfig,
  type Model,
  network,
  randomAffine,
  randomContrast,
  randomElastic,
  randomErasing,
  randomThickness,
} from "../../../index.ts";
import { rowsPerClass, tileImages } from "../../../report/contactSheet.ts";
import { loadRecipe } from "../../loadRecipe.ts";
import { type OpeningOptions, openSource } from "../../openSource.ts";
import { createTerminal } from "../../terminal.ts";

/** The layers that change images at random, by the option that sets them. */
const layers = {
  affine: { type: "randomAffine", make: randomAffine },
  elastic: { type: "randomElastic", make: randomElastic },
  thickness: { type: "randomThickness", make: randomThickness },
  erasing: { type: "randomErasing", make: randomErasing },
  contrast: { type: "randomContrast", make: randomContrast },
  noise: { type: "gaussianNoise", make: gaussianNoise },
} as const;
const types: ReadonlySet<string> = new Set(Object.values(layers).map(({ type }) => type));

type Settings = { readonly [K in keyof typeof layers]?: Parameters<(typeof layers)[K]["make"]>[0] };

export interface AugmentCommandOptions extends Settings, OpeningOptions {
  readonly mixup?: number;
  readonly out: string;
  readonly recipe: string;
  readonly images: number;
  readonly draws: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** Draws images as they are and as training would see them. */
export async function augmentCommand(source: string, options: AugmentCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const given = givenLayers(options);
  const dataset = await openSource(source, terminal, options);
  const mixup = options.mixup ?? 0;
  const augmentation = given.length > 0 || mixup !== 0 ? given : await layersOf(options.recipe, dataset);
  const rows = chosen(dataset, options.images);
  const sheet = await sheetOf(dataset, rows, augmentation, options);
  await writePng(options.out, sheet);
  if (mixup !== 0) terminal.out(`mixup  alpha ${mixup}, each image with those after it`);
  for (const layer of augmentation) terminal.out(describe(layer));
  terminal.out(`${rows.length} images, each as it is and ${options.draws} times augmented: ${options.out}`);
  if (!options.json) return;
  const { out, draws, seed } = options;
  process.stdout.write(
    `${JSON.stringify({ formatVersion: FORMAT_VERSION, source, mixup, layers: augmentation, rows, draws, seed, png: out })}\n`,
  );
}

/** In the order of the options. */
const givenLayers = (options: AugmentCommandOptions): readonly LayerConfig[] =>
  Object.entries(options).flatMap(([name, settings]) =>
    name in layers ? [(layers[name as keyof typeof layers].make as (settings: object) => LayerConfig)(settings)] : [],
  );

/** Random layers at the front of a recipe's network. Throws `INVALID_ARGUMENT` where there is none. */
async function layersOf(name: string, { imageShape, classNames }: Dataset): Promise<readonly LayerConfig[]> {
  const recipe = await loadRecipe(name);
  const model = recipe.network({ input: imageShape, classes: classNames }, {});
  const others = model.layers.findIndex(({ type }) => !types.has(type));
  if (others > 0) return model.layers.slice(0, others);
  const known = Object.keys(layers).map((option) => `--${option}`);
  throw new InklingError(
    "INVALID_ARGUMENT",
    `the network of ${recipe.name} begins with no augmentation; say how with ${known.join(", ")}`,
  );
}

const describe = ({ type, name: _, inputs: __, ...settings }: LayerConfig): string =>
  `${type}  ${Object.entries(settings)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(" × ") : value}`)
    .join(", ")}`;

/** Rows of images, evenly over the classes. */
function chosen(dataset: Dataset, count: number): readonly number[] {
  const perClass = Math.ceil(count / dataset.classNames.length);
  const byClass = rowsPerClass(dataset, perClass);
  return Array.from({ length: perClass }, (_, i) => byClass.flatMap((rows) => rows[i] ?? []))
    .flat()
    .slice(0, count);
}

/** A network whose logits are the pixels of the augmented image. */
function pixelModel(input: Dataset["imageShape"], augmentation: readonly LayerConfig[]): Model {
  const classes = Array.from({ length: input[0] * input[1] * input[2] }, (_, p) => `pixel ${p}`);
  return network({ input, classes }, [...augmentation, flatten()]);
}

/** The images that one is mixed with: those after it, the next for each draw. */
const othersOf = (place: number, rows: readonly number[], draws: number): Uint32Array =>
  Uint32Array.from({ length: draws }, (_, k) => rows[(place + 1 + k) % rows.length]!);

async function sheetOf(
  dataset: Dataset,
  rows: readonly number[],
  augmentation: readonly LayerConfig[],
  { draws, seed, mixup = 0 }: AugmentCommandOptions,
): Promise<Image> {
  const model = pixelModel(dataset.imageShape, augmentation);
  const program = evaluationProgram(model, { batchSize: draws, dropout: true, mixup });
  const engine = await Engine.create([program.spec], backend());
  const { mean, scale } = model.preprocessing;
  const all = inMemory(dataset.images, dataset.labels);
  const images: Image[] = [];
  for (const [step, row] of rows.entries()) {
    const image = imageAt(dataset, row);
    if (program.others) feed(engine, program, all, othersOf(step, rows, draws), program.others);
    const { logits } = await evaluateRows(engine, program, all, new Array<number>(draws).fill(row), seed, step);
    // Stored in a clamped array, numbers are rounded to bytes.
    const pixels = new Uint8Array(Uint8ClampedArray.from(logits, (value) => value * scale + mean));
    const size = image.pixels.length;
    images.push(image);
    for (let k = 0; k < draws; k++) images.push({ ...image, pixels: pixels.subarray(k * size, (k + 1) * size) });
  }
  return tileImages(images, { columns: draws + 1 });
}
