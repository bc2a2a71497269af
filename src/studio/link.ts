import { parseJsonText } from "../base/json.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import type { Settings } from "./settings.ts";

/** What a link says: how to train the built-in letters, and to which weights. */
export interface Link {
  readonly settings: Settings;
  /** The SHA-256 of the weights that whoever made the link had at the end. */
  readonly weights?: string;
}

/** Settings that a link holds by themselves; all others are in `more`, as JSON. */
const plain = ["learningRate", "batchSize", "steps", "seed"] as const;

/** A learning rate that is chosen by trials. */
const AUTOMATIC = "auto";

/**
 * The fragment of a link, without #. Nothing of the user's data is in it, and nothing that depends on the machine: a budget
 * in seconds, or a run of this browser to start from.
 */
export function formatLink({ settings, weights }: Link): string {
  const { recipe, overrides, chosenRate, layers, optimizer } = settings;
  const { learningRate, batchSize, steps, seed, ...more } = overrides;
  const given = { learningRate, batchSize, steps, seed };
  const parameters = new URLSearchParams({ recipe });
  for (const name of plain) if (given[name] !== undefined) parameters.set(name, String(given[name]));
  if (chosenRate) parameters.set("learningRate", AUTOMATIC);
  if (Object.keys(more).length > 0) parameters.set("more", JSON.stringify(more));
  if (layers) parameters.set("layers", JSON.stringify(layers));
  if (optimizer) parameters.set("optimizer", JSON.stringify(optimizer));
  if (weights !== undefined) parameters.set("weights", weights);
  return parameters.toString();
}

/** What a fragment says; undefined if it is not that of a link. */
export function parseLink(fragment: string): Link | undefined {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ""));
  const recipe = parameters.get("recipe");
  if (recipe === null) return undefined;
  const numbers = plain.flatMap((name) => {
    const value = Number(parameters.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? [[name, value]] : [];
  });
  const weights = parameters.get("weights");
  const layers = jsonOf(parameters.get("layers"));
  const optimizer = jsonOf(parameters.get("optimizer"));
  const more = jsonOf(parameters.get("more"));
  return {
    settings: {
      recipe,
      overrides: { ...(isRecord(more) && more), ...Object.fromEntries(numbers) },
      ...(parameters.get("learningRate") === AUTOMATIC && { chosenRate: true }),
      ...(Array.isArray(layers) && layers.every(isTyped) && { layers }),
      ...(isTyped(optimizer) && { optimizer: optimizer as OptimizerConfig }),
    },
    ...(weights !== null && /^[0-9a-f]{64}$/.test(weights) && { weights }),
  };
}

/* What a stranger's link says is checked as options and networks are; what has not even their form is nothing. */

function jsonOf(text: string | null): unknown {
  try {
    return parseJsonText(text ?? "null");
  } catch {
    return undefined;
  }
}

const isRecord = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === "object" && json !== null && !Array.isArray(json);

const isTyped = (json: unknown): json is { readonly type: string } =>
  isRecord(json) && typeof json["type"] === "string";
