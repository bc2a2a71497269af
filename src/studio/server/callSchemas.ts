import * as v from "valibot";
import { count, flag, notNegative, parseConfig, positive, wholeNumber } from "../../base/config.ts";
import { splitNames } from "../../datasets/splitSizes.ts";
import type { Picture } from "../../image/picture.ts";
import type { LayerConfig } from "../../layers/index.ts";
import type { OptimizerConfig } from "../../optimizers/index.ts";
import type { Overrides } from "../../training/index.ts";
import { overridesSchema } from "../../training/schema.ts";
import { type ImageFilter, imageKinds } from "../browsing.ts";
import type { Edit } from "../edits.ts";
import type { Settings } from "../settings.ts";
import { exportForms, type Workbench, type WorkbenchMethod } from "../workbench.ts";

/** Images that are shown at once, and their height and width in pixels. */
const [MOST_TILES, MOST_SIDE] = [4096, 1024];
/** Threads of a training: more only slow it down. */
const MOST_THREADS = 512;

type ArgumentsOf<M extends WorkbenchMethod> = Readonly<Parameters<Workbench[M]>>;

const isOverrides = (given: unknown): boolean =>
  typeof given === "object" &&
  given !== null &&
  Object.keys(given).every((name) => Object.hasOwn(overridesSchema.entries, name));
const hasType = (given: unknown): boolean =>
  typeof given === "object" && given !== null && "type" in given && typeof given.type === "string";
const id = v.pipe(v.string("the id of a run"), v.maxLength(20, "the id of a run"));
const settings: v.GenericSchema<unknown, Settings> = v.strictObject({
  recipe: v.pipe(v.string("the name of a recipe"), v.maxLength(200, "the name of a recipe")),
  // The values are checked where they are used, with messages that name the option.
  overrides: v.custom<Overrides>(isOverrides, "settings of a training"),
  layers: v.exactOptional(v.custom<readonly LayerConfig[]>((given) => Array.isArray(given) && given.every(hasType))),
  optimizer: v.exactOptional(v.custom<OptimizerConfig>(hasType)),
  chosenRate: v.exactOptional(flag),
  budget: v.exactOptional(positive),
  threads: v.exactOptional(v.pipe(count, v.maxValue(MOST_THREADS, `at most ${MOST_THREADS}`))),
  checkpointEvery: v.exactOptional(notNegative),
  initFrom: v.exactOptional(id),
});
const blob = v.instance(Blob, "a file");
const pixels = v.union(
  [v.instance(Uint8Array), v.instance(Uint8ClampedArray), v.instance(Uint16Array)],
  "bytes, or 16-bit numbers",
);
const picture: v.GenericSchema<unknown, Picture> = v.strictObject({
  width: count,
  height: count,
  channels: v.exactOptional(count),
  data: pixels,
});
const nothing = v.strictTuple([]);
const name = v.pipe(v.string("a name"), v.maxLength(4096, "a name"));
const filter: v.GenericSchema<unknown, ImageFilter> = v.strictObject({
  kind: v.picklist(imageKinds),
  label: v.exactOptional(wholeNumber),
  split: v.exactOptional(v.picklist(splitNames)),
});
const decision = v.variant("action", [
  v.strictObject({ action: v.literal("keep") }),
  v.strictObject({ action: v.literal("drop") }),
  v.strictObject({ action: v.literal("relabel"), to: wholeNumber }),
]);
const edit: v.GenericSchema<unknown, Edit> = v.variant("type", [
  v.strictObject({ type: v.literal("decide"), rows: v.array(wholeNumber), decision: v.nullable(decision) }),
  v.strictObject({ type: v.literal("newClass"), name }),
  v.strictObject({ type: v.literal("rename"), label: wholeNumber, name }),
  v.strictObject({ type: v.literal("merge"), label: wholeNumber, into: wholeNumber }),
  v.strictObject({ type: v.literal("delete"), label: wholeNumber }),
  v.strictObject({ type: v.literal("add"), label: wholeNumber, first: wholeNumber, names: v.array(name) }),
]);

/** What a page may pass to each method: nothing that arrives is used before it is checked. */
const schemas: { readonly [M in WorkbenchMethod]: v.GenericSchema<unknown, ArgumentsOf<M>> } = {
  begin: nothing,
  openLetters: nothing,
  handOver: v.strictTuple([v.map(v.string(), blob)]),
  openFiles: v.strictTuple([v.map(v.string(), blob)]),
  openTest: v.strictTuple([v.map(v.string(), blob)]),
  openNew: v.strictTuple([name, v.array(name)]),
  stop: nothing,
  rows: v.strictTuple([filter]),
  tiles: v.strictTuple([
    v.pipe(v.instance(Uint32Array, "rows"), v.maxLength(MOST_TILES, `at most ${MOST_TILES} rows`)),
    v.pipe(count, v.maxValue(MOST_SIDE, `at most ${MOST_SIDE}`)),
  ]),
  facts: v.strictTuple([wholeNumber]),
  edit: v.strictTuple([v.array(edit)]),
  undo: nothing,
  redo: nothing,
  addPictures: v.strictTuple([wholeNumber, v.map(name, v.union([blob, picture], "a picture"))]),
  addTried: v.strictTuple([wholeNumber]),
  check: v.union([nothing, v.strictTuple([settings])]),
  saveData: nothing,
  saveFixes: nothing,
  openPath: v.strictTuple([v.pipe(v.string("a path"), v.maxLength(4096, "a path"))]),
  plan: v.strictTuple([settings]),
  start: v.strictTuple([settings]),
  pause: nothing,
  resume: nothing,
  step: v.strictTuple([settings]),
  reset: nothing,
  sweep: v.strictTuple([settings]),
  stopSweep: nothing,
  showRun: v.strictTuple([id]),
  deleteRun: v.strictTuple([id]),
  look: v.strictTuple([v.union([blob, picture], "a picture")]),
  explain: v.strictTuple([flag]),
  map: nothing,
  export: v.strictTuple([v.picklist(exportForms)]),
  saveRun: nothing,
  forget: nothing,
};

/** Whether a workbench has a method of this name. */
export const isMethod = (name: string): name is WorkbenchMethod => Object.hasOwn(schemas, name);

/** Checked arguments of a method. Throws `INVALID_ARGUMENT`. */
export const parseArguments = <M extends WorkbenchMethod>(method: M, args: unknown): ArgumentsOf<M> =>
  parseConfig(schemas[method] as v.GenericSchema<unknown, ArgumentsOf<M>>, args, method);
