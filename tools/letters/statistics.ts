import type { Letters } from "./letters.ts";

/** What the build prints: counts, and the mean and standard deviation of pixels on 0 … 1 beside those of notMNIST. */
export function statistics({ dataset, families, drawn, repeated, missing }: Letters): string {
  const { images, labels, classNames } = dataset;
  let [sum, squares] = [0, 0];
  for (const pixel of images) {
    sum += pixel;
    squares += pixel * pixel;
  }
  const mean = sum / images.length / 255;
  const deviation = Math.sqrt(squares / images.length / 255 ** 2 - mean * mean);
  const counts = classNames.map((name, label) => `${name} ${labels.filter((other) => other === label).length}`);
  const faces = families.reduce((total, { used }) => total + used.length, 0);
  return [
    `${labels.length} images of ${families.length} families, ${faces} faces`,
    `${drawn} letters drawn, ${repeated} of them repeats left out; ${missing} letters missing in their face`,
    counts.join("  "),
    `mean ${mean.toFixed(4)}, standard deviation ${deviation.toFixed(4)} (notMNIST: 0.4254, 0.4586)`,
  ].join("\n");
}
