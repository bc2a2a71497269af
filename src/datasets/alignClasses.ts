import { InklingError } from "../base/error.ts";
import { listed } from "../base/listed.ts";
import { classNameOf } from "./classNames.ts";
import { type AnyDataset, validateDataset } from "./dataset.ts";
import { countLabels } from "./statistics.ts";

/** Classes that are named in a message. */
const SHOWN = 10;

/** The classes that images may have, and whose they are, for messages: `the model knows`, or `runs/auto-1 knows`. */
export interface KnownClasses {
  readonly classes: readonly string[];
  readonly whose: string;
}

/**
 * Throws `INVALID_DATA` for images of a class that is not known. `found`: the classes of the images of `what`. Unicode forms
 * and blanks around names do not matter.
 */
export function checkClassesKnown(what: string, found: readonly string[], { classes, whose }: KnownClasses): void {
  const known = new Set(classes.map(classNameOf));
  const unknown = found.filter((name) => !known.has(classNameOf(name)));
  if (unknown.length > 0)
    throw new InklingError(
      "INVALID_DATA",
      `${what} has images of ${listed(unknown, SHOWN)}, but ${whose} ${listed(classes, SHOWN)}; use images of these, or train on all of them`,
    );
}

/** The classes of a data set that have images. Throws `INVALID_DATA` for one that is not consistent. */
export function classesWithImages(dataset: AnyDataset): readonly string[] {
  const { classNames, labels } = validateDataset(dataset);
  const counts = countLabels(labels, classNames.length);
  return classNames.filter((_, k) => counts[k]! > 0);
}

/**
 * A data set with its labels numbered by other classes, such as those of a model: by name, whatever the order of the
 * classes in the data set, and even if it lacks some. Throws `INVALID_DATA` as {@link checkClassesKnown} does, and for a
 * data set that is not consistent.
 */
export function alignClasses<D extends AnyDataset>(dataset: D, classes: readonly string[], what?: string): D {
  const { classNames, labels, provenance } = validateDataset(dataset);
  if (classes.length === classNames.length && classes.every((name, k) => name === classNames[k])) return dataset;
  checkClassesKnown(what ?? provenance.source, classesWithImages(dataset), { classes, whose: "the model knows" });
  const numbers = new Map(classes.map((name, k) => [classNameOf(name), k]));
  const numberOf = classNames.map((name) => numbers.get(classNameOf(name)) ?? 0);
  return { ...dataset, classNames: classes, labels: Uint16Array.from(labels, (label) => numberOf[label]!) };
}
