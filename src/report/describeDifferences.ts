import { whole } from "../base/format.ts";
import { formatShape } from "../base/shape.ts";
import type { Model } from "../model/model.ts";
import { summarize } from "../model/summary.ts";
import { withoutWinograd } from "../model/winograd.ts";
import type { ScheduleConfig } from "../optimizers/index.ts";
import { currentSchedule, isExtended } from "../optimizers/schedules/extended.ts";
import { largestRate, lengthOf } from "../optimizers/schedules/registry.ts";
import { differences } from "../training/differences.ts";
import { trainingOptions } from "../training/schema.ts";
import type { TrainingSpec } from "../training/spec.ts";

/** A setting that differs between two trainings: its name, and both values as text. */
export type SettingDifference = readonly [name: string, first: string, second: string];

/**
 * The settings that differ between two trainings, for people: named by their options where they have one, different classes
 * counted, different networks summed up, numbers with six digits where they still differ then, and hashes not shown. What
 * follows from other settings, such as the length of a schedule over all steps, is left out.
 */
export function describeDifferences(a: TrainingSpec, b: TrainingSpec): readonly SettingDifference[] {
  const rows: SettingDifference[] = [];
  const add = (name: string, first: string, second: string) => {
    if (first !== second) rows.push([name, first, second]);
  };
  const of = (name: string, text: (spec: TrainingSpec) => string) => add(name, text(a), text(b));
  for (const { path, a: first, b: second } of differences(plainSettings(a), plainSettings(b)))
    add(nameOf(path), ...readable(first, second));
  of("--learning-rate", ({ optimizer, steps }) => rateText(largestRate(optimizer.learningRate, steps)));
  of("schedule", ({ optimizer }) => formatSchedule(optimizer.learningRate));
  for (const { path, a: first, b: second } of differences(scheduleSettings(a), scheduleSettings(b)))
    if (first !== "nothing" && second !== "nothing") add(`schedule: ${path}`, ...readable(first, second));
  of("input", ({ model }) => formatShape(model.input));
  of("classes", ({ model: { classes } }) => `${classes.length}: ${classes.join(", ")}`);
  of("--winograd", ({ model }) => (usesWinograd(model) ? "yes" : "–"));
  const isOption = usesWinograd(a.model) !== usesWinograd(b.model);
  const layers = [a, b].map(({ model }) => (isOption ? withoutWinograd(model) : model).layers) as [Layers, Layers];
  const names = (of: Layers) => JSON.stringify(of.map(({ name }) => name));
  if (names(layers[0]) !== names(layers[1])) of(NETWORK, ({ model }) => describeNetwork(model));
  else
    for (const [k, layer] of layers[0].entries())
      for (const { path, a: first, b: second } of differences(layer, layers[1][k]))
        if (!isOutput(a, k, path)) add(`layer ${layer.name}: ${path}`, ...readable(first, second));
  return rows;
}

type Layers = Model["layers"];

const usesWinograd = ({ layers }: Model): boolean =>
  layers.some((layer) => (layer as { readonly algorithm?: string }).algorithm === "winograd");

/** Settings of several trainings: their names, and the values of each training as text. */
export interface SettingsTable {
  readonly names: readonly string[];
  readonly values: readonly (readonly string[])[];
}

/** The settings in which any of several trainings differ, as {@link describeDifferences} names them, and networks summed up. */
export function tableOfDifferences(specs: readonly TrainingSpec[]): SettingsTable {
  const found = specs.map((spec) => {
    const rows = describeDifferences(specs[0]!, spec).filter(([, value]) => value !== HASH);
    return new Map(rows.map(([name, ...values]) => [columnOf(name), values] as const));
  });
  const names = [...new Set(found.flatMap((of) => [...of.keys()]))];
  const own = (name: string, k: number): string =>
    name === NETWORK
      ? describeNetwork(specs[k]!.model)
      : (found[k]!.get(name)?.[1] ?? found.find((of) => of.has(name))!.get(name)![0]);
  return { names, values: specs.map((_, k) => names.map((name) => own(name, k))) };
}

const NETWORK = "network";

/** What is shown in place of a hash. */
const HASH = "differs";

const columnOf = (name: string): string => (name.startsWith("layer ") ? NETWORK : name);

/** Whether a setting of a layer is the number of classes, which is listed by itself. */
const isOutput = ({ model: { layers } }: TrainingSpec, k: number, path: string): boolean =>
  k === layers.length - 1 && path === "units";

/** The settings that are compared by their paths. */
function plainSettings({ model: _, data, optimizer, earlyStopping, ...others }: TrainingSpec) {
  const { readings: __, testFingerprint, validationFingerprint, partsFingerprint, ...source } = data;
  const { learningRate: ___, ...rest } = optimizer;
  return {
    data: source,
    others: { testFingerprint, validationFingerprint, partsFingerprint },
    ...others,
    earlyStopping: { ...earlyStopping },
    optimizer: rest,
  };
}

/** The settings of a schedule besides its learning rates and a length that is the training's. */
function scheduleSettings({ optimizer, steps }: TrainingSpec): Readonly<Record<string, unknown>> {
  const schedule = currentSchedule(optimizer.learningRate);
  const followsSteps = lengthOf(schedule) === steps;
  return Object.fromEntries(
    Object.entries(schedule).filter(
      ([name, value]) => name !== "type" && !/[lL]earningRate/.test(name) && !(followsSteps && value === steps),
    ),
  );
}

/** The name of a schedule, and whether its length was changed on the way. */
const formatSchedule = (schedule: ScheduleConfig): string =>
  `${currentSchedule(schedule).type}${isExtended(schedule) ? ", replanned" : ""}`;

const rateText = (rate: number): string => String(Number(rate.toPrecision(6)));

/** Names of settings that no option sets, or only an argument. */
const names: Readonly<Record<string, string>> = {
  "data.source": "source",
  "data.fingerprint": "images and labels",
  "others.testFingerprint": "test images",
  "others.validationFingerprint": "validation images",
  "others.partsFingerprint": "split of the source",
  initialWeights: "initial weights",
  "optimizer.type": "optimizer",
  chosenRate: "--learning-rate auto",
};

/**
 * What people call the setting at a path such as `split.validation`: its option on the command line, such as
 * `--validation-size`, or the path itself where it has none.
 */
function nameOf(path: string): string {
  const own = path.replace(/^(data|optimizer)\./, "");
  const flag = trainingOptions.find((row) => row.path === own)?.flag;
  return names[path] ?? flag?.split(" ")[0] ?? path;
}

/** A network in a few words: 5 layers, 64,138 parameters. */
function describeNetwork(model: Model): string {
  const parameters = summarize(model).reduce((sum, layer) => sum + layer.parameters, 0);
  return `${model.layers.length} layers, ${whole(parameters)} parameters`;
}

/** Two values from JSON as text: a dash where there is none, no hashes, and numbers with six digits where they still differ then. */
function readable(a: string, b: string): readonly [string, string] {
  const short = (json: string) =>
    json.startsWith('"')
      ? json
      : json.replaceAll(/\d+\.\d{5,}(?![\d.e])/g, (n) => String(Number(Number(n).toPrecision(6))));
  const text = (json: string) =>
    json === "nothing" ? "–" : /^"[0-9a-f]{64}"$/.test(json) ? HASH : json.startsWith('"') ? JSON.parse(json) : json;
  return short(a) === short(b) ? [text(a), text(b)] : [text(short(a)), text(short(b))];
}
