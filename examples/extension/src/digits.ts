import type { Dataset } from "inkling";
import { damaged, defineFormat, invalid, registerFormat, type Source } from "inkling/extend";

/** The first line of a file. */
const MAGIC = "inkling-digits 1";

function decode(text: string, path: string): Dataset {
  const [magic, header = "", ...lines] = text.split("\n");
  const [, height, width, names] = /^(\d{1,4}) (\d{1,4}) (\S+)$/.exec(header) ?? [];
  if (magic !== MAGIC || names === undefined)
    throw damaged(path, "its first two lines are not a header of this format");
  const imageShape = [Number(height), Number(width), 1] as const;
  const classNames = names.split(",");
  const size = imageShape[0] * imageShape[1];
  const rows = lines.filter((line) => line !== "").map((line) => rowOf(line, { size, classNames, path }));
  return {
    images: Uint8Array.from(rows.flatMap(({ pixels }) => pixels)),
    labels: Uint16Array.from(rows, ({ label }) => label),
    imageShape,
    classNames,
    provenance: { source: path, description: `images in text of ${path}` },
    skipped: [],
  };
}

interface Expected {
  readonly size: number;
  readonly classNames: readonly string[];
  readonly path: string;
}

/** An image: `A 00ff…`, its class and two hexadecimal digits per pixel. */
function rowOf(line: string, { size, classNames, path }: Expected) {
  const [name = "", hex = ""] = line.split(" ");
  const label = classNames.indexOf(name);
  if (label < 0 || hex.length !== 2 * size || !/^[0-9a-f]*$/.test(hex))
    throw damaged(path, `"${line.slice(0, 20)}" is not a class name followed by ${size} pixels`);
  return { label, pixels: Array.from({ length: size }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)) };
}

function encode({ images, labels, imageShape, classNames }: Dataset, name: string): string {
  const [height, width, channels] = imageShape;
  if (channels !== 1) throw invalid(name, "this format holds gray images only");
  if (classNames.some((className) => /[\s,]/.test(className)))
    throw invalid(name, "this format does not allow spaces or commas in class names");
  const size = height * width;
  const lines = Array.from(labels, (label, i) => {
    const pixels = Array.from(images.subarray(i * size, (i + 1) * size));
    return `${classNames[label]} ${pixels.map((pixel) => pixel.toString(16).padStart(2, "0")).join("")}`;
  });
  return [MAGIC, `${height} ${width} ${classNames.join(",")}`, ...lines, ""].join("\n");
}

/** Gray images as lines of text, for files that people read and compare. */
export const digits = defineFormat({
  id: "digits",
  name: "a .digits file of images in text",
  extensions: [".digits"],
  matches: ({ head }) => new TextDecoder().decode(head).startsWith(`${MAGIC}\n`),
  open: async (source: Source, { signal }) => decode(new TextDecoder().decode(await source.bytes(signal)), source.path),
  encode: (dataset, name) => [{ name, contents: [new TextEncoder().encode(encode(dataset, name))] }],
});
registerFormat(digits);
