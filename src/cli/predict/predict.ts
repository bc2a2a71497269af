import { backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { percent, quantity, whole } from "../../base/format.ts";
import { answerFor } from "../../evaluation/classify.ts";
import { type DecisionOptions, type Decisions, decide, decisionsOf } from "../../evaluation/decisions.ts";
import type { Classifier } from "../../evaluation/ensemble.ts";
import { FILE_KINDS } from "../../image/header.ts";
import type { Preparation, PrepareOptions } from "../../pictures/preparation.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import { openClassifier } from "../openModel.ts";
import { createTerminal, printSummary, type Terminal } from "../terminal.ts";
import { expandPictures } from "./pictures.ts";
import { predictAll, type Seen, type Unreadable } from "./predictAll.ts";
import "../../engine/node/setUp.ts";

/** The options of `inkling predict`, as commander gives them. */
export interface PredictCommandOptions extends PrepareOptions, DecisionOptions {
  readonly top?: number;
  readonly explain?: boolean;
  readonly contactSheet?: string;
  readonly like?: string;
  readonly keepDamaged?: boolean;
  readonly tta?: "shifts";
  readonly backend: string;
  readonly weights?: WhichWeights;
  readonly json?: boolean;
}

/** The number of classes shown for each picture: the predicted one and the next best. */
const SHOWN = 2;

/** Prints a model's predictions for pictures. Throws `INVALID_DATA` if none of them can be read. */
export async function predictCommand(
  path: string,
  names: readonly string[],
  options: PredictCommandOptions,
): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  if (options.tta && (options.targetAccuracy !== undefined || options.coverage !== undefined))
    throw new InklingError(
      "INVALID_ARGUMENT",
      "the thresholds for --target-accuracy and --coverage were measured without --tta, so they promise nothing with it; leave --tta out",
    );
  if (options.conformal !== undefined && options.coverage === undefined)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `--conformal ${options.conformal} says how the sets of --coverage are made; add --coverage, such as --coverage 95%`,
    );
  const trained = await modelFor(path, options, terminal);
  const decisions = decisionsOf(trained, options);
  for (const line of describeDecisions(decisions)) terminal.note(terminal.dim(line));
  const files = await expandPictures(names);
  const unreadable: Unreadable[] = [];
  const seen: Seen[] = [];
  const started = performance.now();
  const width = Math.min(40, Math.max(...files.map((name) => name.length)));
  for await (const item of predictAll(trained, files, options)) {
    if ("reason" in item) {
      unreadable.push(item);
      terminal.note(`${item.name}: ${item.reason}`);
      continue;
    }
    terminal.out(`${item.name.padEnd(width)}  ${answer(item, options.top ?? SHOWN, decisions, trained.preparation)}`);
    if (options.explain) for (const step of item.steps) terminal.out(`    ${step}`);
    if (options.json || options.contactSheet) seen.push(item);
  }
  const seconds = (performance.now() - started) / 1000;
  if (unreadable.length > 0)
    terminal.note(`${whole(unreadable.length)} of ${quantity(files.length, "picture")} unreadable`);
  if (options.contactSheet && seen.length > 0) await saveSheet(options.contactSheet, seen, terminal);
  if (options.json) printSummary(summaryOf(path, seen, unreadable, seconds, options, decisions));
  if (unreadable.length === files.length)
    throw new InklingError("INVALID_DATA", `no picture could be read; specify ${FILE_KINDS} files, folders or globs`);
}

/** The model, with a preparation learned from a data set's images if requested. */
async function modelFor(path: string, options: PredictCommandOptions, terminal: Terminal): Promise<Classifier> {
  const on = backend(options.backend);
  const trained = await openClassifier(path, on, options.weights);
  if (options.like === undefined) return trained;
  const [{ openUnread }, { learnPreparation }] = await Promise.all([
    import("../openSource.ts"),
    import("../../datasets/learnPreparation.ts"),
  ]);
  const preparation = learnPreparation(await openUnread(options.like, terminal, {}));
  return trained.with({ preparation });
}

const percentOf = (probability: number): string => `${percent(probability)} %`;

/** What the thresholds of decisions are, as lines. */
function describeDecisions({ answers, sets }: Decisions): readonly string[] {
  return [
    ...(answers
      ? [
          `Answers from a confidence of ${percentOf(answers.threshold)}, as ${percentOf(answers.coverage)} of the validation images had: at least ${percentOf(answers.target)} of them are right`,
        ]
      : []),
    ...(sets ? [`Sets contain the right class at least ${percentOf(sets.coverage)} of the time (${sets.method})`] : []),
  ];
}

/** A  98.7 %   next H 0.9 %, or: don't know (A 41.0 %, H 38.0 %); then the set, if there is one. */
function answer(seen: Seen, top: number, decisions: Decisions, { background }: Preparation): string {
  const { prediction, blank } = seen;
  const { label, probability, ranking } = prediction;
  const { answered, set } = decide(prediction, decisions, blank);
  const named = ranking.map((one) => `${one.label} ${percentOf(one.probability)}`);
  const next = named.slice(1, Math.max(1, top));
  const guess = `${label}  ${percentOf(probability).padStart(7)}${next.length > 0 ? `   next ${next.join(", ")}` : ""}`;
  if (blank)
    return `${background === "any" ? "the picture has only one color" : "no ink found: the picture is blank"} (the network's answer would be ${named.slice(0, Math.max(1, top)).join(", ")})`;
  const said = answered === false ? `don't know (${named.slice(0, Math.max(1, top)).join(", ")})` : guess;
  return set ? `${said}   set {${set.join(", ")}}` : said;
}

async function saveSheet(path: string, seen: readonly Seen[], terminal: Terminal): Promise<void> {
  const [{ tileImages }, { writePng }] = await Promise.all([
    import("../../report/contactSheet.ts"),
    import("../../image/node/writePng.ts"),
  ]);
  const pairs = Math.ceil(Math.sqrt(seen.length / 2));
  await writePng(
    path,
    tileImages(
      seen.flatMap(({ thumbnail, image }) => [thumbnail, image]),
      { columns: 2 * pairs },
    ),
  );
  terminal.note(terminal.dim(`each picture and what the network saw: ${path}`));
}

const summaryOf = (
  model: string,
  seen: readonly Seen[],
  unreadable: readonly Unreadable[],
  seconds: number,
  options: PredictCommandOptions,
  decisions: Decisions,
) => ({
  model,
  ...decisions,
  tta: options.tta,
  pictures: seen.map((item) => answerFor(item.name, item.prediction, item, options, decisions)),
  unreadable,
  seconds,
});
