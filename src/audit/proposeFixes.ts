import type { Fix, Fixes } from "../datasets/index.ts";
import type { Audit, Suspect } from "./audit.ts";

/** Which fixes to propose. Ambiguous images are kept, since their labels may well be correct. */
export interface ProposeOptions {
  /** For likely label errors: change the label to the suggested class, or drop the image. Default: relabel. */
  readonly labelErrors?: "relabel" | "drop";
  /** Whether to drop unreadable images. Many are just unusual, and legible to a person. Default: false. */
  readonly dropUnreadable?: boolean;
}

/** The fix proposed for a suspect; undefined to keep it as it is. */
export function proposedFix(
  { kind, sha256, label, suggested, name }: Suspect,
  { labelErrors = "relabel", dropUnreadable = false }: ProposeOptions = {},
): Fix | undefined {
  const target = { sha256, label, ...(name !== undefined && { name }) };
  if (kind === "ambiguous" || (kind === "unreadable" && !dropUnreadable)) return undefined;
  if (kind === "labelError" && labelErrors === "relabel") return { action: "relabel", to: suggested, ...target };
  return { action: "drop", ...target };
}

/** Fixes for the suspects of an audit, to be reviewed by a person. */
export function proposeFixes(audit: Audit, options: ProposeOptions = {}): Fixes {
  const fixes = audit.suspects.map((suspect) => proposedFix(suspect, options)).filter((fix) => fix !== undefined);
  return { source: audit.source, imageShape: audit.imageShape, fixes: withoutRepeats(fixes) };
}

/** In a data set without names, copies of an image need only one fix. */
function withoutRepeats(fixes: readonly Fix[]): readonly Fix[] {
  const byImage = new Map(fixes.map((fix) => [JSON.stringify([fix.sha256, fix.label, fix.name]), fix]));
  return [...byImage.values()];
}
