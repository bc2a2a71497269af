import { tileImages } from "../datasets/contactSheet.ts";
import { type Image, imageAt } from "../datasets/image.ts";
import type { Audit, Dataset } from "../index.ts";

/** Suspects with a row for each class that has any: the images labelled so, those first that are most probably wrong. */
export function auditSheet(dataset: Dataset, { suspects }: Audit, columns = 24): Image {
  const tiles = dataset.classNames.flatMap((className) => {
    const rows = suspects.filter(({ label }) => label === className).slice(0, columns);
    if (rows.length === 0) return [];
    return Array.from({ length: columns }, (_, i) => rows[i] && imageAt(dataset, rows[i].row));
  });
  return tileImages(tiles.length > 0 ? tiles : [undefined], { columns });
}
