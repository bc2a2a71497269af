import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Dataset } from "../../src/datasets/dataset.ts";
import { type Face, faceFile, spread } from "./faces.ts";
import type { Family } from "./family.ts";
import { drawGlyph, readFont, SIZE } from "./glyph.ts";

export const classNames = [..."ABCDEFGHIJ"];

/** A family and what came of it. Its place in the list is its group in the data set. */
export interface UsedFamily extends Family {
  /** The faces that gave at least one image. */
  readonly used: readonly Face[];
  readonly images: number;
}

export interface Letters {
  readonly dataset: Dataset;
  readonly families: readonly UsedFamily[];
  /** Letters drawn, those of them that came before in another face, and those that a face lacks. */
  readonly drawn: number;
  readonly repeated: number;
  readonly missing: number;
}

/**
 * Draws A … J in up to six faces of each family. An image that came before with the same label is left out,
 * whatever its family: many families share their Latin letters. Rows are in the order family, letter, face.
 */
export function drawLetters(families: readonly Family[]): Letters {
  const [images, labels, groups]: [Uint8Array[], number[], number[]] = [[], [], []];
  const seen = new Set<string>();
  const usedFamilies: UsedFamily[] = [];
  let [drawn, missing] = [0, 0];
  for (const family of families) {
    const faces = spread(family.faces).map((face) => ({
      face,
      font: readFont(readFileSync(join(family.folder, "files", faceFile(family.id, face)))),
    }));
    const used = new Set<Face>();
    const before = images.length;
    for (const [label, letter] of classNames.entries())
      for (const { face, font } of faces) {
        const image = drawGlyph(font, letter);
        if (!image) {
          missing++;
          continue;
        }
        drawn++;
        const key = `${letter}${Buffer.from(image).toString("latin1")}`;
        if (seen.has(key)) continue;
        seen.add(key);
        used.add(face);
        images.push(image);
        labels.push(label);
        groups.push(usedFamilies.length);
      }
    if (images.length === before) throw new Error(`${family.id} repeats other families; leave it out of package.json`);
    usedFamilies.push({
      ...family,
      used: family.faces.filter((face) => used.has(face)),
      images: images.length - before,
    });
  }
  const counts = new Map<string, number>();
  for (const { licence } of usedFamilies) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const licences = [...counts].sort().map(([licence, count]) => `${licence} (${count})`);
  const dataset: Dataset = {
    images: Uint8Array.from(Buffer.concat(images)),
    labels: Uint16Array.from(labels),
    groups: Uint32Array.from(groups),
    imageShape: [SIZE, SIZE, 1],
    classNames,
    provenance: {
      source: "tools/letters",
      description:
        `The letters A to J in ${usedFamilies.length} families of openly licensed fonts, each cropped to its ink and ` +
        "stretched to 28 x 28 as in notMNIST. The families, their makers and licences are in letters-attribution.md.",
      license: `Drawn from fonts under ${licences.join(", ")}; see letters-attribution.md`,
    },
    skipped: [],
  };
  return { dataset, families: usedFamilies, drawn, repeated: drawn - images.length, missing };
}
