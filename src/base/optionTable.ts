import * as v from "valibot";

/** The kind of value that an option has: how the command line parses it, and which input a form shows for it. */
export type OptionType =
  | "number"
  | "flag"
  | "choice"
  | "text"
  | "texts"
  | "time"
  | "imageSize"
  | "range"
  | "names"
  | "classWeights"
  | "learningRate"
  | "parameters";

/** What the command line, forms and tables show about an option; its schema checks its values. */
export interface OptionInfo {
  /** Required if it does not follow from the schema. */
  readonly type?: OptionType;
  /** Its flag on the command line: `--batch-size <n>`. */
  readonly flag: string;
  /** What it does, in a few words. */
  readonly help: string;
  /** The group that it is listed in. */
  readonly group: string;
  /** What a number counts or measures: `images`. */
  readonly unit?: string;
  /** What applies if it is not given, in words. Default: the schema's default. */
  readonly otherwise?: string;
  /** Whether its default value means that it is off, so that files omit it. */
  readonly off?: boolean;
  /** Whether the trained weights depend on it; `validations`: only if the learning rate depends on validation results. */
  readonly fixesWeights?: boolean | "validations";
  /** Whether a resumed run may use a different value. */
  readonly resumable?: boolean;
  /** The path of the option that it requires. */
  readonly needs?: string;
  /** The paths of the options that it cannot be combined with. */
  readonly conflicts?: readonly string[];
}

/** A row of an option table: the option's metadata, its path, and what follows from its schema. */
export interface OptionRow extends OptionInfo {
  readonly type: OptionType;
  /** Its path in the options object: `split.validation`. */
  readonly path: string;
  readonly default?: unknown;
  /** The values to choose from. */
  readonly choices?: readonly string[];
}

/** Attaches an option's metadata to its schema. */
export const option = <Input, Output>(
  schema: v.GenericSchema<Input, Output>,
  info: OptionInfo,
): v.GenericSchema<Input, Output> => v.pipe(schema, v.metadata({ ...info }));

/** The options among a schema's entries, including those of nested objects, in order. Entries without a flag are omitted. */
export function optionRows(entries: v.ObjectEntries, parent = ""): readonly OptionRow[] {
  return Object.entries(entries).flatMap(([name, entry]) => {
    const path = parent + name;
    const schema = "wrapped" in entry ? (entry.wrapped as v.GenericSchema) : entry;
    const info = v.getMetadata(schema) as unknown as OptionInfo;
    if (info.flag === undefined)
      return "entries" in schema ? optionRows(schema.entries as v.ObjectEntries, `${path}.`) : [];
    const value = "default" in entry ? entry.default : undefined;
    const type = info.type ?? typeOf(schema);
    const choices = type === "choice" && "options" in schema ? (schema.options as readonly string[]) : undefined;
    return [{ ...info, path, type, ...(value !== undefined && { default: value }), ...(choices && { choices }) }];
  });
}

const types: Readonly<Record<string, OptionType>> = {
  number: "number",
  boolean: "flag",
  picklist: "choice",
  string: "text",
};

function typeOf({ type }: v.GenericSchema): OptionType {
  const found = types[type];
  if (found === undefined) throw new Error(`an option of the schema ${type} says no type`);
  return found;
}

/** A copy of an options object without the options that are off: those undefined, or at a default that means off. */
export function withoutOff<R extends object>(record: R, rows: readonly OptionRow[]): R {
  const isOff = (name: string, value: unknown) =>
    value === undefined || rows.some((row) => row.off && row.path === name && row.default === value);
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => !isOff(name, value))) as R;
}
