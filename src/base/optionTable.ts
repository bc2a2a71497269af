import * as v from "valibot";

/** What kind of value an option has: how a command line reads it, and how a form asks for it. */
export type OptionType =
  | "number"
  | "flag"
  | "choice"
  | "text"
  | "texts"
  | "time"
  | "imageSize"
  | "names"
  | "classWeights";

/** What command lines, forms and tables say about an option; its schema checks its values. */
export interface OptionInfo {
  /** Where the schema does not tell it. */
  readonly type?: OptionType;
  /** Its flag on the command line: `--batch-size <n>`. */
  readonly flag: string;
  /** What it does, in a few words. */
  readonly help: string;
  /** The options that it is listed with. */
  readonly group: string;
  /** What a number counts or measures: `images`. */
  readonly unit?: string;
  /** What holds where it is not given, in words; its schema's default if this says nothing. */
  readonly otherwise?: string;
  /** Whether its default means that it is not used at all, so that files leave it out. */
  readonly off?: boolean;
  /** Whether weights depend on it; `validations`: if the learning rate follows validations. */
  readonly fixesWeights?: boolean | "validations";
  /** Whether a run that is resumed may have another value. */
  readonly resumable?: boolean;
  /** The place of the option that it is part of, and cannot be given without. */
  readonly needs?: string;
  /** The places of options that it cannot be given with. */
  readonly conflicts?: readonly string[];
}

/** An option in a table: what is said about it, its place, and what its schema knows. */
export interface OptionRow extends OptionInfo {
  readonly type: OptionType;
  /** Its place in the record that the schema is of: `split.validation`. */
  readonly path: string;
  readonly default?: unknown;
  /** The values to choose from. */
  readonly choices?: readonly string[];
}

/** A value's schema, with what is said about the option. */
export const option = <S extends v.GenericSchema>(schema: S, info: OptionInfo) =>
  v.pipe(schema, v.metadata({ ...info }));

/** The options of a schema's entries, in their order; those of records within them too. What has no flag has no row. */
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

/** A copy of a record without the options that are off: those whose value is a default that means so. */
export function withoutOff<R extends object>(record: R, rows: readonly OptionRow[]): R {
  const isOff = (name: string, value: unknown) =>
    value === undefined || rows.some((row) => row.off && row.path === name && row.default === value);
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => !isOff(name, value))) as R;
}
