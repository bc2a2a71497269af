/** A value that differs between two records. */
export interface Difference {
  /** Where it is, such as `optimizer.learningRate.rate`. */
  readonly path: string;
  /** The values in the first record and in the second, as JSON; "nothing" if absent. */
  readonly a: string;
  readonly b: string;
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === "object" && x !== null;
const show = (x: unknown): string => (x === undefined ? "nothing" : JSON.stringify(x));

/** The differences between two values of plain data, in the order of the first. The order of keys does not matter. */
export function differences(a: unknown, b: unknown, path = ""): readonly Difference[] {
  if (a === b) return [];
  if (!isRecord(a) || !isRecord(b) || Array.isArray(a) !== Array.isArray(b)) return [{ path, a: show(a), b: show(b) }];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differences(a[key], b[key], path === "" ? key : `${path}.${key}`));
}

/** The value at a path such as those of {@link differences}; undefined where there is none. */
export const valueAt = (record: unknown, path: string): unknown =>
  path.split(".").reduce((value: unknown, key) => (isRecord(value) ? value[key] : undefined), record);
