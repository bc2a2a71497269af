import { InklingError } from "../../base/error.ts";
import { VERSION } from "../../base/formatVersion.ts";
import { printableJson, quoted } from "../../base/printable.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { renderCard } from "../card/exportCard.ts";
import { fenced } from "../card/markdown.ts";
import { type Exportable, type ExportOptions, exportable } from "../exportable.ts";
import { exportWasm } from "../wasm/exportWasm.ts";

/** How a model is written as an npm package. */
export interface PackageExportOptions extends ExportOptions {
  /** The package's name, as npm allows it. Default: "image-classifier". */
  readonly name?: string;
  /** Its version. Default: "1.0.0". */
  readonly version?: string;
}

/** A model as an npm package, and the memory that it needs. */
export interface PackageExport {
  readonly files: readonly { readonly name: string; readonly contents: string | Uint8Array<ArrayBuffer> }[];
  /** Bytes of memory besides weights and names. */
  readonly ramBytes: number;
  /** Bytes of weights and class names; the code comes on top. */
  readonly flashBytes: number;
}

/** The names of a package's files. */
export const packageFiles = [
  "package.json",
  "README.md",
  "index.js",
  "index.node.js",
  "index.d.ts",
  "runtime.js",
  "model.wasm",
] as const;

/** https://docs.npmjs.com/cli/configuring-npm/package-json#name */
const NAME = /^(?=.{1,214}$)(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * A trained model as an npm package without dependencies, of ES modules with types, for Node, bundlers and pages. Its
 * function `classify` prepares a picture as `TrainedModel.predict` does and gives the same prediction, with the decisions of
 * thresholds. Throws `INVALID_ARGUMENT` for a name that npm does not allow, and as {@link exportWasm} does.
 */
export async function exportPackage(trained: TrainedModel, options: PackageExportOptions = {}): Promise<PackageExport> {
  const { name = "image-classifier", version = "1.0.0", ...about } = options;
  if (!NAME.test(name))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `export: the package's name is ${quoted(name)}, expected lowercase letters, digits, -, . and _`,
    );
  const [exported, { bytes, ramBytes, flashBytes }, { runtimeSource }] = await Promise.all([
    exportable(trained, about),
    exportWasm(trained, { ...about, relaxed: "also" }),
    import("./runtimeSource.js"), // large, and needed here alone
  ]);
  const contents: Readonly<Record<(typeof packageFiles)[number], string | Uint8Array<ArrayBuffer>>> = {
    "package.json": packageJson(exported, name, version),
    "README.md": renderCard(exported, usage(name, exported)),
    "index.js": indexJs,
    "index.node.js": indexNodeJs,
    "index.d.ts": types(exported),
    "runtime.js": runtimeSource,
    "model.wasm": bytes,
  };
  return {
    files: packageFiles.map((file) => ({ name: file, contents: contents[file] })),
    ramBytes,
    flashBytes,
  };
}

const packageJson = ({ license, model }: Exportable, name: string, version: string): string =>
  `${JSON.stringify(
    {
      name,
      version,
      description: `Classifies images into ${model.classes.length} classes. Exported by Inkling ${VERSION}.`,
      license,
      type: "module",
      sideEffects: false,
      exports: {
        ".": { types: "./index.d.ts", node: "./index.node.js", default: "./index.js" },
        "./model.wasm": "./model.wasm",
      },
      files: packageFiles.filter((file) => !["package.json", "README.md"].includes(file)), // which npm adds itself
      engines: { node: ">=20" },
    },
    undefined,
    2,
  )}\n`;

const usage = (name: string, { calibration }: Exportable): string =>
  [
    "## Usage",
    fenced(
      "js",
      `import { classify } from '${name}';

const { label, probability } = classify(context.getImageData(0, 0, canvas.width, canvas.height));`,
    ),
    "`classify` takes an `ImageData`, a picture `{ width, height, data }` with 1 to 4 channels, or the bytes of an image of the model's size.\nIt works in Node, in a bundler's project, and in a page's `<script type=\"module\">`.",
    ...(calibration
      ? [
          "With `classify(image, { targetAccuracy: 0.99 })` the answer has `answered`, which is false where the model is not certain\nenough for 99 % of its answers to be right; with `{ coverage: 0.95 }` it has `set`, the classes that the image may have, which\ncontains the right one 95 % of the time.",
        ]
      : []),
  ].join("\n\n");

const indexJs = `import { createClassifier } from './runtime.js';

const response = await fetch(new URL('./model.wasm', import.meta.url));
if (!response.ok) throw new Error(\`\${response.url} cannot be loaded: status \${response.status}\`);
export const { labels, classify, logits } = createClassifier(await WebAssembly.compile(await response.arrayBuffer()));
`;

const indexNodeJs = `import { readFile } from 'node:fs/promises';
import { createClassifier } from './runtime.js';

const bytes = await readFile(new URL('./model.wasm', import.meta.url));
export const { labels, classify, logits } = createClassifier(await WebAssembly.compile(bytes));
`;

const types = ({ model: { classes, input } }: Exportable): string => {
  const labels = [...new Set(classes)].map((name) => `\n  | ${printableJson(name)}`).join("");
  return `/** The classes. */
export type Label =${labels};

/**
 * A picture of any size, such as a canvas's ImageData: pixels [height, width, channels], row by row, 0 to 255, of 1 (gray),
 * 2 (gray and alpha), 3 (RGB) or 4 (RGBA) channels. Default of \`channels\`: data.length / (height * width).
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels?: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A picture, or ${input.join(" * ")} bytes of an image: height, width, channels. */
export type ImageInput = Picture | Uint8Array | Uint8ClampedArray;

export interface Prediction {
  /** The most probable class. */
  readonly label: Label;
  /** Its probability, 0 to 1. */
  readonly probability: number;
  /** All classes, the most probable first. */
  readonly ranking: readonly { readonly label: Label; readonly probability: number }[];
  /** With \`targetAccuracy\`: whether the model is certain enough to answer. */
  readonly answered?: boolean;
  /** With \`coverage\`: the classes that the picture may have, the most probable first. */
  readonly set?: readonly Label[];
}

/** When the model should rather not answer, and what it should list, by the validation images that it was calibrated on. */
export interface Thresholds {
  /** The accuracy among answers that is to be reached, such as 0.99. */
  readonly targetAccuracy?: number;
  /** How often the set of an image is to contain its class, such as 0.95. */
  readonly coverage?: number;
  /** How sets are made: "lac", the smallest on average (default), or "aps", larger for difficult pictures. */
  readonly conformal?: "lac" | "aps";
}

/** The classes, in the order of the logits. */
export declare const labels: readonly Label[];

/**
 * Classifies an image. Throws an error if its size and its number of bytes do not match, and for a threshold that the
 * validation images do not show.
 */
export declare function classify(image: ImageInput, thresholds?: Thresholds): Prediction;

/** What the network computes for an image: a number for each class. Throws as \`classify\` does. */
export declare function logits(image: ImageInput): Float32Array;
`;
};
