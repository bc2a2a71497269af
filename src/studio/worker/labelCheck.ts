import type { AuditProgress } from "../../audit/index.ts";
import type { DuplicateGroup } from "../../datasets/duplicates/exact.ts";
import { findDuplicates } from "../../datasets/index.ts";
import type { Recipe } from "../../training/index.ts";
import type { Suspicion } from "../browsing.ts";
import type { Settings } from "../settings.ts";
import type { OpenedData } from "./openedData.ts";
import { plannedTraining } from "./plannedTraining.ts";

/** Classes of which a suspicion tells the probability, besides the label. */
const PROBABLE = 3;

/** What a check has found. Rows are those of all images, and classes are numbered as by edits. */
export interface Checked {
  readonly suspicions: readonly Suspicion[];
  readonly alike: readonly DuplicateGroup[];
}

/** How to check. */
export interface CheckOptions {
  readonly backend: string;
  /** The network and the settings of the models that judge. Default: those of `inkling data audit`. */
  readonly settings?: Settings;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: AuditProgress) => void;
}

/** The network and the settings of a training as a recipe, whose length is that of an audit. */
const recipeOf = (settings: Settings): Recipe => ({
  name: settings.recipe,
  description: "the settings of the studio",
  training(shape, length) {
    const { steps: _s, epochs: _e, earlyStopping: _p, split: _d, seed: _r, ...overrides } = settings.overrides;
    return plannedTraining({ ...settings, overrides: { ...overrides, ...length } }, shape);
  },
});

/**
 * Audits the labels, as `inkling data audit` does with its defaults, and looks for images that look the same. Labels that were
 * confirmed are not suspected. Throws `ABORTED` if it is stopped, and otherwise as {@link auditLabels} does.
 */
export async function checkLabels(opened: OpenedData, { settings, ...options }: CheckOptions): Promise<Checked> {
  const { auditLabels } = await import("../../audit/index.ts");
  const { dataset, rows, classes } = opened.edited;
  const { decisions } = opened.editing.state;
  const kept = [...rows.keys()].filter((place) => decisions.get(rows[place]!)?.action === "keep");
  const { suspects, classNames } = await auditLabels(dataset, {
    ...options,
    kept,
    ...(settings && { recipe: recipeOf(settings) }),
  });
  const alike = findDuplicates([dataset], "near").map((group) => group.map((place) => rows[place]!));
  const numberOf = new Map(classNames.map((name, k) => [name, k]));
  const suspicions = suspects.map(({ row, kind, suggested, label, probabilities }): Suspicion => {
    const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
    const shown = [...new Set([...order.slice(0, PROBABLE), numberOf.get(label)!])];
    return {
      row: rows[row]!,
      kind,
      suggested: classes[numberOf.get(suggested)!]!,
      probable: shown.map((k) => ({ label: classes[k]!, probability: probabilities[k]! })),
    };
  });
  return { suspicions, alike };
}
