import { InklingError } from "../base/error.ts";
import { listed } from "../base/listed.ts";
import { classNameOf } from "./classNames.ts";
import { type AnyDataset, validateDataset } from "./dataset.ts";
import { countLabels } from "./statistics.ts";

/** Classes that are named in a message. */
const SHOWN = 10;

/**
 * A data set with its labels numbered by other classes, such as those of a model: by name, whatever the order of the
 * classes in the data set, and even if it lacks some. Unicode forms and blanks around names do not matter. Throws
 * `INVALID_DATA` for images of a class that is not among them, and for a data set that is not consistent.
 */
export function alignClasses<D extends AnyDataset>(
  dataset: D,
  classes: readonly string[],
  what = dataset.provenance.source,
): D {
  const { classNames, labels } = validateDataset(dataset);
  if (classes.length === classNames.length && classes.every((name, k) => name === classNames[k])) return dataset;
  const numbers = new Map(classes.map((name, k) => [classNameOf(name), k]));
  const counts = countLabels(labels, classNames.length);
  const unknown = classNames.filter((name, k) => counts[k]! > 0 && !numbers.has(classNameOf(name)));
  if (unknown.length > 0)
    throw new InklingError(
      "INVALID_DATA",
      `${what} has images of ${listed(unknown, SHOWN)}, but the classes of the model are ${listed(classes, SHOWN)}; use images of these, or train on all of them`,
    );
  const numberOf = classNames.map((name) => numbers.get(classNameOf(name)) ?? 0);
  return { ...dataset, classNames: classes, labels: Uint16Array.from(labels, (label) => numberOf[label]!) };
}
