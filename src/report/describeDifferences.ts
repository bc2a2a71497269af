import { whole } from "../base/format.ts";
import { formatShape } from "../base/shape.ts";
import type { Model } from "../model/model.ts";
import { summarize } from "../model/summary.ts";
import { differences } from "../training/differences.ts";
import type { TrainingSpec } from "../training/spec.ts";

/** A setting that differs between two trainings: where it is, and both values as text. */
export type SettingDifference = readonly [path: string, first: string, second: string];

/**
 * The settings that differ between two trainings, for people: without long lists, where different classes are counted and different
 * networks summed up, and with numbers of six digits where they still differ then.
 */
export const describeDifferences = (a: TrainingSpec, b: TrainingSpec): readonly SettingDifference[] =>
  readableDifferences(a, b).map(([path = "", first = "", second = ""]) => [path, ...rounded(first, second)]);

/** Two values in JSON, their numbers with six digits where the values still differ then. */
function rounded(a: string, b: string): readonly [string, string] {
  const short = (json: string) =>
    json.startsWith('"')
      ? json
      : json.replaceAll(/\d+\.\d{5,}(?![\d.e])/g, (n) => String(Number(Number(n).toPrecision(6))));
  return short(a) === short(b) ? [a, b] : [short(a), short(b)];
}

/** The settings that differ, without long lists: different classes are counted, and different networks summed up. */
function readableDifferences(a: TrainingSpec, b: TrainingSpec): readonly (readonly string[])[] {
  const both = (text: (spec: TrainingSpec) => string) => [text(a), text(b)] as const;
  const rows = differences({ ...a, model: undefined }, { ...b, model: undefined })
    .filter(({ path }) => !path.startsWith("data.readings"))
    .map(({ path, a, b }) => [path, readable(a), readable(b)]);
  const of = (path: string, text: (spec: TrainingSpec) => string) => {
    const [first, second] = both(text);
    if (first !== second) rows.push([path, first, second]);
  };
  of("model.input", ({ model }) => formatShape(model.input));
  of("model.classes", ({ model: { classes } }) => `${classes.length}: ${classes.join(", ")}`);
  const [layersOfA, layersOfB] = both(({ model }) => JSON.stringify(model.layers.map(({ name }) => name)));
  if (layersOfA === layersOfB)
    for (const { path, a: first, b: second } of differences(a.model.layers, b.model.layers, "model.layers"))
      rows.push([path, first, second]);
  else of("model.layers", ({ model }) => describeNetwork(model));
  return rows;
}

/** A network in a few words: 5 layers, 64,138 parameters. */
export function describeNetwork(model: Model): string {
  const parameters = summarize(model).reduce((sum, layer) => sum + layer.parameters, 0);
  return `${model.layers.length} layers, ${whole(parameters)} parameters`;
}

/** A value in JSON; of a hash the start, and a dash where there is none. */
const readable = (json: string): string =>
  json === "nothing" ? "–" : /^"[0-9a-f]{64}"$/.test(json) ? `${json.slice(1, 9)}…` : json;
