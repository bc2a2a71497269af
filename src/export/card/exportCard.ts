import { formatInterval, percent, whole } from "../../base/format.ts";
import { VERSION } from "../../base/formatVersion.ts";
import { printableJson } from "../../base/printable.ts";
import { sizeOf } from "../../base/shape.ts";
import { classificationMetrics, mostConfused } from "../../evaluation/metrics.ts";
import { type Score, wilsonInterval } from "../../evaluation/score.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { inferenceGraph } from "../../model/build.ts";
import { type Exportable, type ExportOptions, exportable, type TrainingHistory } from "../exportable.ts";
import { fenced, markdownTable, plain, yamlString } from "./markdown.ts";

/**
 * A model card: Markdown with the front matter of Hugging Face. It says what the model does, how well, what it was trained
 * on, how pictures are prepared, what it is not for, and how to train it again, bit for bit; what `options` do not tell is
 * left out.
 */
export const exportCard = async (trained: TrainedModel, options: ExportOptions = {}): Promise<string> =>
  renderCard(await exportable(trained, options));

/** The card of an exportable model; `usage` is Markdown that goes before its results. */
export function renderCard(exported: Exportable, usage?: string): string {
  const { history } = exported;
  return `${[
    frontMatter(exported),
    `# ${plain(nameOf(exported))}`,
    describeModel(exported),
    ...(usage === undefined ? [] : [usage]),
    ...(history?.test ? [describeResults(exported, history.test)] : []),
    ...(history ? [describeData(history)] : []),
    describePreparation(exported),
    describeLimits(exported),
    describeReproduction(exported),
  ].join("\n\n")}\n`;
}

const nameOf = ({ run }: Exportable): string => run ?? "Image classifier";
const percentOf = (share: number): string => `${percent(share)} %`;

/** https://huggingface.co/docs/hub/model-cards#model-card-metadata */
function frontMatter(exported: Exportable): string {
  const { license, history } = exported;
  const source = history && yamlString(history.config.data.test ?? history.config.data.source);
  const lines = [
    ...(license === undefined ? [] : [`license: ${yamlString(license.toLowerCase())}`]),
    "library_name: inkling",
    "pipeline_tag: image-classification",
    ...(source && history.test
      ? [
          "model-index:",
          `  - name: ${yamlString(nameOf(exported))}`,
          "    results:",
          "      - task:",
          "          type: image-classification",
          "        dataset:",
          `          name: ${source}`,
          `          type: ${source}`,
          "          split: test",
          "        metrics:",
          "          - type: accuracy",
          `            value: ${history.test.accuracy}`,
        ]
      : []),
  ];
  return `---\n${lines.join("\n")}\n---`;
}

function describeModel({ model, run }: Exportable): string {
  const [height, width, channels] = model.input;
  const parameters = inferenceGraph(model).weights.reduce((sum, { tensor }) => sum + sizeOf(tensor.shape), 0);
  const color = channels === 1 ? "gray" : channels === 3 ? "RGB" : `${channels}-channel`;
  return [
    `Classifies ${color} images of ${height} × ${width} pixels into ${whole(model.classes.length)} classes: a network of`,
    `${model.layers.length} layers with ${whole(parameters)} weights, trained by Inkling ${VERSION}${run === undefined ? "" : ` in the run ${plain(run)}`}.`,
  ].join("\n");
}

function describeResults({ model }: Exportable, test: Score): string {
  const { classes, macro } = classificationMetrics(test.confusion);
  const rows = classes.map(({ count, precision, recall, f1 }, k) => [
    plain(model.classes[k]!),
    percentOf(precision),
    `${percentOf(recall)} (${formatInterval(wilsonInterval(Math.round(recall * count), count))})`,
    percentOf(f1),
    whole(count),
  ]);
  const confused = mostConfused(test.confusion, 5).map(
    ({ label, answer, count, share }) =>
      `- ${plain(model.classes[label]!)} is taken for ${plain(model.classes[answer]!)} in ${whole(count)} images, ${percentOf(share)} of the class.`,
  );
  const { withoutTwins } = test;
  return [
    "## Results",
    [
      `On ${whole(test.count)} test images, which it was not trained on, the accuracy is **${percentOf(test.accuracy)}** (95 % interval`,
      `${formatInterval(test.interval)}), the macro average of F1 ${percentOf(macro.f1)}, the cross-entropy ${test.loss.toFixed(4)}.`,
      ...(withoutTwins && withoutTwins.count < test.count
        ? [
            `Without test images that the training images contain as well: ${percentOf(withoutTwins.accuracy)} (${formatInterval(withoutTwins.interval)}) of ${whole(withoutTwins.count)}.`,
          ]
        : []),
    ].join("\n"),
    markdownTable(["class", "precision", "recall (95 % interval)", "F1", "images"], rows),
    ...(confused.length > 0 ? [confused.join("\n")] : []),
  ].join("\n\n");
}

function describeData({ config: { data, split, seed } }: TrainingHistory): string {
  const { source, fingerprint, test, testFingerprint, validation, validationFingerprint } = data;
  const settings = `seed ${seed}: \`${JSON.stringify(split)}\``;
  return [
    "## Training data",
    [
      `- Source: ${plain(source)}, fingerprint \`${fingerprint}\``,
      ...(validation === undefined
        ? []
        : [`- Validation images: ${plain(validation)}, fingerprint \`${validationFingerprint}\``]),
      test !== undefined
        ? `- Test images: ${plain(test)}, fingerprint \`${testFingerprint}\``
        : split?.by === "source"
          ? `- Its test images are those that the source gives or, if it gives none, drawn from it with ${settings}`
          : `- Its test images are a part of it, drawn with ${settings}`,
    ].join("\n"),
  ].join("\n\n");
}

function describePreparation({ preparation, model }: Exportable): string {
  const { background, crop, fit, margin, center, from, values } = preparation;
  const [height, width] = model.input;
  const fitted = {
    stretch: `stretched to ${height} × ${width}`,
    contain: `scaled to fit ${height} × ${width} with their aspect ratio`,
    cover: `cropped to their center and scaled to ${height} × ${width}`,
  };
  const placed = [
    ...(crop ? ["cropped to what is drawn"] : []),
    fitted[fit],
    ...(margin > 0 ? [`with a margin of ${percentOf(margin)} on each side`] : []),
    ...(center === "mass" ? ["centered by their center of mass"] : []),
  ].join(", ");
  const sentences = [
    background === "any"
      ? `Pictures are ${placed}.`
      : `Ink in pictures is separated from its background and redrawn on a ${background} one, ${placed}.`,
    "Pictures of the model's size are used as they are.",
    ...(from ? [`Pictures of ${from.size.join(" × ")} pixels, as in training, are ${fitted[from.fit]}.`] : []),
    ...(values ? [`In training, the stored numbers from ${values.range.join(" to ")} became black to white.`] : []),
    "`inkling predict` and the npm package do this; other forms expect prepared pixels, a byte for each channel of each pixel.",
  ];
  return ["## How pictures are prepared", sentences.join("\n"), fenced("json", printableJson(preparation, 2))].join(
    "\n\n",
  );
}

const describeLimits = ({ model, calibration }: Exportable): string =>
  [
    "## What it is not for",
    [
      `- It always answers one of its ${whole(model.classes.length)} classes, often with a high probability, also for pictures of anything else.`,
      ...(calibration
        ? [
            `- Its probabilities are calibrated on ${whole(calibration.images)} validation images; they hold for pictures like those.`,
          ]
        : []),
      "- Its figures hold for pictures like its test images. Measure it on your own before you rely on it.",
      "- It was not examined for decisions about people, nor for uses in which a wrong answer does harm.",
    ].join("\n"),
  ].join("\n\n");

function describeReproduction({ weightsSha256, history, run }: Exportable): string {
  const parts = ["## Training it again, bit for bit", `SHA-256 of the weights: \`${weightsSha256}\``];
  if (!history) return parts.join("\n\n");
  const { config, weights, steps, arithmetic } = history;
  const { initialWeights, data } = config;
  const isAlone = initialWeights === undefined && data.fixes === undefined;
  return [
    ...parts,
    [
      `These are the ${weights} weights, after ${whole(steps)} steps. They depend on the data, the settings below and the seed alone, not on the`,
      `processor or the number of threads, as long as multiply-adds are rounded as they were (\`${arithmetic}\`). In the folder of the run,`,
      `\`inkling replay\` checks that${isAlone ? "; without it, this trains the model again" : ""}.`,
    ].join("\n"),
    ...(isAlone ? [fenced("js", program(history))] : []),
    `<details><summary>Settings${run === undefined ? "" : ` of ${plain(run)}`}</summary>`,
    fenced("json", printableJson(config, 2)),
    "</details>",
  ].join("\n\n");
}

/** A program that trains a model from its settings and its data alone. */
function program({ weights, config: { data } }: TrainingHistory): string {
  const options = (["resize", "keepDamaged", "classPattern"] as const).filter((name) => data[name] !== undefined);
  const read = options.length === 0 ? "" : `, { ${options.map((name) => `${name}: spec.data.${name}`).join(", ")} }`;
  const open = (name: string) => `await openDataset(spec.data.${name}${read})`;
  const separate = (["test", "validation"] as const).filter((name) => data[name] !== undefined);
  const sets = separate.length === 0 ? "" : `, { ${separate.map((name) => `${name}: ${open(name)}`).join(", ")} }`;
  return `import { readFile } from 'node:fs/promises';
import { trainSpec, weightsSha256 } from 'inkling';
import { openDataset } from 'inkling/node';

const spec = JSON.parse(await readFile('spec.json', 'utf8')); // the settings below
const training = trainSpec(spec, ${open("source")}${sets});
const model = await training.model('${weights}');
console.log(await weightsSha256(model.weights));`;
}
