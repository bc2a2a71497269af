import type { Fix, Fixes } from "../datasets/index.ts";
import type { Audit, Suspect } from "./audit.ts";

/** What is proposed for likely label errors. */
export type LabelErrorAction = Extract<Fix["action"], "relabel" | "drop">;

/** The fix that is proposed for a suspect; nothing for an ambiguous image, whose label may well be right. */
export function proposedFix(
  { kind, sha256, label, suggested, name }: Suspect,
  labelErrors: LabelErrorAction = "relabel",
): Fix | undefined {
  const target = { sha256, label, ...(name !== undefined && { name }) };
  if (kind === "ambiguous") return undefined;
  if (kind === "labelError" && labelErrors === "relabel") return { action: "relabel", to: suggested, ...target };
  return { action: "drop", ...target };
}

/**
 * Fixes for what an audit found, to be looked through by a person: likely label errors get the suggested label, or are
 * dropped; unreadable images are dropped; ambiguous ones stay.
 */
export function proposeFixes(audit: Audit, labelErrors: LabelErrorAction = "relabel"): Fixes {
  const fixes = audit.suspects.map((suspect) => proposedFix(suspect, labelErrors)).filter((fix) => fix !== undefined);
  return { source: audit.source, imageShape: audit.imageShape, fixes: withoutRepeats(fixes) };
}

/** Copies of an image in a data set that has no names need one fix only. */
function withoutRepeats(fixes: readonly Fix[]): readonly Fix[] {
  const byImage = new Map(fixes.map((fix) => [JSON.stringify([fix.sha256, fix.label, fix.name]), fix]));
  return [...byImage.values()];
}
