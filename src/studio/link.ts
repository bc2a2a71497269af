import type { Settings } from "./workbench.ts";

/** What a link says: how to train the built-in letters, and to which weights. */
export interface Link {
  readonly settings: Settings;
  /** The SHA-256 of the weights that whoever made the link had at the end. */
  readonly weights?: string;
}

/** Settings that a link holds by themselves; all others are in `more`, as JSON. */
const plain = ["learningRate", "batchSize", "steps", "seed"] as const;

/** The fragment of a link, without #. Nothing of the user's data is in it. */
export function formatLink({ settings: { recipe, overrides }, weights }: Link): string {
  const { learningRate, batchSize, steps, seed, ...more } = overrides;
  const given = { learningRate, batchSize, steps, seed };
  const parameters = new URLSearchParams({ recipe });
  for (const name of plain) if (given[name] !== undefined) parameters.set(name, String(given[name]));
  if (Object.keys(more).length > 0) parameters.set("more", JSON.stringify(more));
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
  return {
    settings: { recipe, overrides: { ...moreOf(parameters.get("more")), ...Object.fromEntries(numbers) } },
    ...(weights !== null && /^[0-9a-f]{64}$/.test(weights) && { weights }),
  };
}

/** What a stranger's link says is checked as options are; what is not even an object is nothing. */
function moreOf(text: string | null): object {
  try {
    const json: unknown = JSON.parse(text ?? "{}");
    return typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
  } catch {
    return {};
  }
}
