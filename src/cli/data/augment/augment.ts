import { type Image, imageAt } from "../../../image/image.ts";
import { writePng } from "../../../image/node/writePng.ts";
import {
  augment,
  type Dataset,
  gaussianNoise,
  InklingError,
  type LayerConfig,
  randomAffine,
  randomColor,
  randomContrast,
  randomCrop,
  randomElastic,
  randomErasing,
  randomFlip,
  randomThickness,
  recipeTraining,
} from "../../../index.ts";
import { rowsPerClass, tileImages } from "../../../report/contactSheet.ts";
import { loadRecipe } from "../../loadRecipe.ts";
import { type OpeningOptions, openSource } from "../../openSource.ts";
import { createTerminal, printSummary } from "../../terminal.ts";

/** The random layers, by the option that configures them. */
const layers = {
  affine: { type: "randomAffine", make: randomAffine },
  elastic: { type: "randomElastic", make: randomElastic },
  thickness: { type: "randomThickness", make: randomThickness },
  flip: { type: "randomFlip", make: randomFlip },
  crop: { type: "randomCrop", make: randomCrop },
  erasing: { type: "randomErasing", make: randomErasing },
  contrast: { type: "randomContrast", make: randomContrast },
  color: { type: "randomColor", make: randomColor },
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

/** Draws images unchanged, and as training would see them. */
export async function augmentCommand(source: string, options: AugmentCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const given = givenLayers(options);
  const dataset = await openSource(source, terminal, options);
  const mixup = options.mixup ?? 0;
  const augmentation = given.length > 0 || mixup !== 0 ? given : await layersOf(options.recipe, dataset);
  const rows = chosen(dataset, options.images);
  const sheet = await sheetOf(dataset, rows, augmentation, options);
  await writePng(options.out, sheet);
  if (mixup !== 0) terminal.out(`mixup  alpha ${mixup}, each image with the following ones`);
  for (const layer of augmentation) terminal.out(describe(layer));
  terminal.out(`${rows.length} images, each unchanged and with ${options.draws} augmentations: ${options.out}`);
  if (!options.json) return;
  const { out, draws, seed } = options;
  printSummary({ source, mixup, layers: augmentation, rows, draws, seed, png: out });
}

/** In the order of the options. */
const givenLayers = (options: AugmentCommandOptions): readonly LayerConfig[] =>
  Object.entries(options).flatMap(([name, settings]) =>
    name in layers ? [(layers[name as keyof typeof layers].make as (settings: object) => LayerConfig)(settings)] : [],
  );

/** The random layers at the start of a recipe's network. Throws `INVALID_ARGUMENT` if there are none. */
async function layersOf(name: string, { imageShape, classNames, labels }: Dataset): Promise<readonly LayerConfig[]> {
  const recipe = await loadRecipe(name);
  const shape = { images: { input: imageShape, classes: classNames }, trainingImages: labels.length };
  const { model } = recipeTraining(recipe, shape);
  const others = model.layers.findIndex(({ type }) => !types.has(type));
  if (others > 0) return model.layers.slice(0, others);
  const known = Object.keys(layers).map((option) => `--${option}`);
  throw new InklingError(
    "INVALID_ARGUMENT",
    `the network of ${recipe.name} does not begin with augmentation; choose some with ${known.join(", ")}`,
  );
}

const describe = ({ type, name: _, inputs: __, ...settings }: LayerConfig): string =>
  `${type}  ${Object.entries(settings)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(" × ") : value}`)
    .join(", ")}`;

/** Rows of images, spread evenly over the classes. */
function chosen(dataset: Dataset, count: number): readonly number[] {
  const perClass = Math.ceil(count / dataset.classNames.length);
  const byClass = rowsPerClass(dataset, perClass);
  return Array.from({ length: perClass }, (_, i) => byClass.flatMap((rows) => rows[i] ?? []))
    .flat()
    .slice(0, count);
}

/** A row for each image: unchanged, then its augmentations. Each image is a step, whose batch is its augmentations. */
async function sheetOf(
  dataset: Dataset,
  rows: readonly number[],
  layers: readonly LayerConfig[],
  { draws, seed, mixup = 0 }: AugmentCommandOptions,
): Promise<Image> {
  const repeated = rows.flatMap((row) => new Array<number>(draws).fill(row));
  // Each augmentation is mixed with another of the images that follow.
  const others = rows.flatMap((_, k) => Array.from({ length: draws }, (_, d) => rows[(k + 1 + d) % rows.length]!));
  const images = await augment(dataset, layers, { rows: repeated, batchSize: draws, seed, mixup, others });
  const drawn = { images, imageShape: dataset.imageShape };
  return tileImages(
    rows.flatMap((row, k) => [
      imageAt(dataset, row),
      ...Array.from({ length: draws }, (_, d) => imageAt(drawn, k * draws + d)),
    ]),
    { columns: draws + 1 },
  );
}
