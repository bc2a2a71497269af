import { type AnyDataset, allRows, subset } from "./dataset.ts";
import { type SplitName, splitNames } from "./splitSizes.ts";

const named = (words: string): RegExp =>
  new RegExp(`^(seg[-_ ])?(${words})([-_ ]?(set|data|dataset|images?|imgs?|split|folder))?[-_ ]?\\d*$`, "i");

/** What folders and values of a column are called for each part, such as train, training_set, seg_train or val2017. */
const spellings: Readonly<Record<SplitName, RegExp>> = {
  training: named("train|training"),
  validation: named("val|valid|validation|dev"),
  test: named("test|testing"),
};

/** The part that a name such as `train`, `Val` or `testing_set` stands for; undefined for other names. */
export const partNamed = (name: string): SplitName | undefined => splitNames.find((part) => spellings[part].test(name));

/** The number of a part in a data set's `parts`. */
export const partNumber = (part: SplitName): number => splitNames.indexOf(part);

/** The part of a row; undefined if the data set is not split. */
export function partAt({ parts }: Pick<AnyDataset, "parts">, row: number): SplitName | undefined {
  return parts && splitNames[parts[row]!];
}

/** The rows that the source puts into a part, in ascending order. */
export const rowsOfPart = (dataset: Pick<AnyDataset, "labels" | "parts">, part: SplitName): Uint32Array =>
  allRows(dataset).filter((row) => dataset.parts?.[row] === partNumber(part));

/** The parts that a source gives images to. */
export const givenParts = ({ parts }: Pick<AnyDataset, "parts">): readonly SplitName[] =>
  splitNames.filter((_, number) => parts?.includes(number));

/** The data set without the split that its source gives. */
export function withoutParts<D extends AnyDataset>(dataset: D): D {
  const { parts: _, ...rest } = dataset;
  return rest as D;
}

/** One part of a data set, with the classes of all of it, and not split itself. */
export function selectPart<D extends AnyDataset>(dataset: D, part: SplitName): D {
  const rows = rowsOfPart(dataset, part);
  return withoutParts(subset(dataset, rows));
}
