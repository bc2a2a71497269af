import type { Dataset } from "../datasets/dataset.ts";
import { type SplitName, splitNames } from "../datasets/splitSizes.ts";
import { type ArrayOptions, datasetOfArrays, type LabeledArrays } from "./arrays.ts";
import { invalid } from "./format.ts";
import { countOf, type NdArray, numbers, texts } from "./ndarray.ts";

/** Names of arrays of images and labels in .npz files and pickles: ours, the course's, Keras's and KMNIST's. */
export const arrayNames: Readonly<Record<SplitName, readonly (readonly [images: string, labels: string])[]>> = {
  training: [
    ["images", "labels"],
    ["train_dataset", "train_labels"],
    ["x_train", "y_train"],
    ["train_images", "train_labels"],
    ["x", "y"],
    ["arr_0", "arr_1"],
  ],
  validation: [
    ["valid_dataset", "valid_labels"],
    ["x_valid", "y_valid"],
    ["x_val", "y_val"],
    ["val_images", "val_labels"],
  ],
  test: [
    ["test_dataset", "test_labels"],
    ["x_test", "y_test"],
    ["test_images", "test_labels"],
  ],
};

/** Makes a data set from named arrays: all parts, concatenated. Throws `INVALID_DATA`. */
export function datasetOfNamedArrays(arrays: ReadonlyMap<string, NdArray>, options: ArrayOptions): Dataset {
  const { what } = options;
  const found: [SplitName, LabeledArrays][] = [];
  for (const name of splitNames)
    for (const [imagesName, labelsName] of arrayNames[name]) {
      const [images, labels] = [arrays.get(imagesName), arrays.get(labelsName)];
      if (!images || !labels) continue;
      found.push([name, { images, labels }]);
      break;
    }
  if (found.length === 0) {
    const names = [...arrays.keys()].slice(0, 8).join(", ") || "nothing";
    throw invalid(
      what,
      `it has ${names}, expected arrays images and labels, train_dataset and train_labels, or x_train and y_train`,
    );
  }
  const names = arrays.get("class_names");
  const groups = arrays.get("groups");
  return datasetOfArrays(
    found.map(([, pair]) => pair),
    {
      ...options,
      classNames: options.classNames ?? (names && texts(names, what)),
      ...(groups && { groups: groupsOf(groups, what) }),
      parts: found.map(([name]) => name),
    },
  );
}

function groupsOf(array: NdArray, what: string): Uint32Array {
  const groups = numbers(array, 0, countOf(array.shape), what);
  const wrong = groups.findIndex((group) => !(Number.isInteger(group) && group >= 0 && group < 2 ** 32));
  if (wrong >= 0)
    throw invalid(what, `group ${wrong} is ${groups[wrong]}, expected a whole number from 0 to ${2 ** 32 - 1}`);
  return Uint32Array.from(groups);
}
