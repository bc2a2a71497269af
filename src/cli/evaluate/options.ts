import { commandLine } from "../../base/commandLine.ts";
import { InklingError } from "../../base/error.ts";
import type { Alike } from "../../datasets/index.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import type { Subject } from "../openSubject.ts";
import { isModel, modelsAndSource } from "../runsAndSource.ts";
import type { ChoosingOptions } from "./chooseImages.ts";

/** The options of `inkling evaluate`, as commander gives them. */
export interface EvaluateCommandOptions extends ChoosingOptions {
  readonly backend?: string;
  readonly threads?: number;
  readonly duplicates: Alike;
  readonly weights: WhichWeights;
  readonly fold?: boolean;
  readonly html?: string;
  readonly audit?: string;
  readonly metadata?: string;
  readonly calibrate?: boolean;
  readonly corruptions?: boolean;
  readonly tta?: "shifts";
  readonly fetch?: boolean;
  readonly ensemble?: boolean;
  readonly json?: boolean;
}

/** The models and the source among the paths. Throws `INVALID_ARGUMENT` for several models that are no ensemble. */
export function modelsIn(
  paths: readonly string[],
  { ensemble, calibrate }: EvaluateCommandOptions,
): { readonly models: readonly string[]; readonly source: string | undefined } {
  if (ensemble && calibrate)
    throw new InklingError(
      "INVALID_ARGUMENT",
      "--calibrate is for one run; calibrate each of them, then add --ensemble",
    );
  if (ensemble) return modelsAndSource("--ensemble", paths);
  const [path, source, ...others] = paths;
  if (others.length === 0 && (source === undefined || !isModel(source))) return { models: [path!], source };
  throw new InklingError(
    "INVALID_ARGUMENT",
    "evaluate takes one run, then a data set if you like; add --ensemble to score several runs together, or compare them with: inkling compare",
  );
}

/** The commands that train the model of a run again, and make its page. */
export function commandsOf(
  paths: readonly string[],
  source: string | undefined,
  {
    weights,
    ensemble,
    duplicates,
    fixes = [],
    valueRange,
    fold,
    corruptions,
    tta,
    html,
    audit,
    metadata,
  }: EvaluateCommandOptions,
  { config }: Subject,
): readonly string[] {
  const words = [
    ...["npx", "inkling", "evaluate", ...paths, ...(source === undefined ? [] : [source])],
    ...(ensemble ? ["--ensemble"] : []),
    ...(weights === "last" ? [] : ["--weights", weights]),
    ...(duplicates === "pixels" ? [] : ["--duplicates", duplicates]),
    ...(valueRange ? ["--value-range", valueRange.join("..")] : []),
    ...fixes.flatMap((file) => ["--fixes", file]),
    ...(fold ? ["--fold"] : []),
    ...(corruptions ? ["--corruptions"] : []),
    ...(tta ? ["--tta", tta] : []),
    ...(audit === undefined ? [] : ["--audit", audit]),
    ...(metadata === undefined ? [] : ["--metadata", metadata]),
    ...["--html", html!],
  ];
  return [...(config ? [commandLine(["npx", "inkling", "replay", paths[0]!])] : []), commandLine(words)];
}
