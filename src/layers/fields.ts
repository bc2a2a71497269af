import * as v from "valibot";
import { allInitializerTypes, initializer } from "./initializers/registry.ts";
import type { LayerType } from "./layer.ts";

/** A setting of a layer, as a form shows it. */
export interface LayerField {
  readonly name: string;
  /** `values`: a number, a list of numbers or a word, such as 3, [3, 5] or "edge". */
  readonly kind: "number" | "flag" | "choice" | "initializer" | "values";
  /** What to choose from: names, or types of initializers that need no settings. */
  readonly choices?: readonly string[];
  readonly isRequired: boolean;
  /** What applies where it is not given, as the layer's configuration has it. */
  readonly default?: unknown;
}

/** The settings of a type of layer, by its schema, without its name and its inputs. */
export function layerFields({ schema }: LayerType): readonly LayerField[] {
  if (!("entries" in schema)) return [];
  const { type: _type, name: _name, inputs: _inputs, ...entries } = schema.entries as v.ObjectEntries;
  return Object.entries(entries).map(([name, entry]) => {
    if (!("wrapped" in entry)) return { name, ...kindOf(entry as v.GenericSchema), isRequired: true };
    const value = v.parse(entry as v.GenericSchema, undefined);
    return {
      name,
      ...kindOf(entry.wrapped as v.GenericSchema),
      isRequired: false,
      ...(value !== undefined && { default: value }),
    };
  });
}

function kindOf(schema: v.GenericSchema): Pick<LayerField, "kind" | "choices"> {
  if (schema === (initializer as v.GenericSchema)) return { kind: "initializer", choices: simpleInitializers() };
  switch (schema.type) {
    case "number":
      return { kind: "number" };
    case "boolean":
      return { kind: "flag" };
    case "picklist":
      return { kind: "choice", choices: (schema as v.PicklistSchema<readonly string[], undefined>).options };
    case "union": {
      const [first] = (schema as v.UnionSchema<readonly v.GenericSchema[], undefined>).options;
      return first?.type === "picklist" ? kindOf(first) : { kind: "values" };
    }
    default:
      return { kind: "values" };
  }
}

/** The initializers without settings that must be given. */
const simpleInitializers = (): readonly string[] =>
  allInitializerTypes()
    .filter(({ type, schema }) => v.safeParse(schema, { type }).success)
    .map(({ type }) => type);
