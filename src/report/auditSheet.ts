import type { Audit } from "../audit/index.ts";
import { suspectKinds } from "../audit/suspects.ts";
import type { Dataset } from "../datasets/index.ts";
import { type Image, imageAt } from "../image/image.ts";
import { tileImages } from "./contactSheet.ts";
import { ofKind } from "./describeAudit.ts";

/** The most images of a row. */
const COLUMNS = 24;

/** Names of the kinds of suspects, for people. */
const KINDS = { labelError: "label errors", unreadable: "unreadable", ambiguous: "ambiguous" } as const;

/**
 * Suspects by kind, with a row for each class that has any: the images with that label, the most likely errors first.
 * `rows` describes the rows from top to bottom, since the picture itself has no text.
 */
export function auditSheet(dataset: Dataset, audit: Audit): { readonly image: Image; readonly rows: string } {
  const tiles: (Image | undefined)[] = [];
  const groups: string[] = [];
  for (const kind of suspectKinds) {
    const found = ofKind(audit, kind);
    const classes = dataset.classNames.filter((className) => found.some(({ label }) => label === className));
    for (const className of classes) {
      const row = found.filter(({ label }) => label === className);
      for (let i = 0; i < COLUMNS; i++) {
        const suspect = row[i];
        tiles.push(suspect && imageAt(dataset, suspect.row));
      }
    }
    if (classes.length > 0) groups.push(`${KINDS[kind]} of ${classes.join(", ")}`);
  }
  return {
    image: tileImages(tiles.length > 0 ? tiles : [undefined], { columns: COLUMNS }),
    rows: groups.join("; ") || "none",
  };
}
