import type { Fix, Fixes } from "../datasets/index.ts";
import type { Audit, Suspect } from "./audit.ts";

/** What is proposed. Ambiguous images stay, since their labels may well be right. */
export interface ProposeOptions {
  /** For likely label errors: the class that they are taken for, or to drop them. Default: relabel. */
  readonly labelErrors?: "relabel" | "drop";
  /** Whether unreadable images are dropped. Many are only rare, and can be read by a person. Default: false. */
  readonly dropUnreadable?: boolean;
}

/** The fix that is proposed for a suspect; nothing where it is left as it is. */
export function proposedFix(
  { kind, sha256, label, suggested, name }: Suspect,
  { labelErrors = "relabel", dropUnreadable = false }: ProposeOptions = {},
): Fix | undefined {
  const target = { sha256, label, ...(name !== undefined && { name }) };
  if (kind === "ambiguous" || (kind === "unreadable" && !dropUnreadable)) return undefined;
  if (kind === "labelError" && labelErrors === "relabel") return { action: "relabel", to: suggested, ...target };
  return { action: "drop", ...target };
}

/** Fixes for what an audit found, to be looked through by a person. */
export function proposeFixes(audit: Audit, options: ProposeOptions = {}): Fixes {
  const fixes = audit.suspects.map((suspect) => proposedFix(suspect, options)).filter((fix) => fix !== undefined);
  return { source: audit.source, imageShape: audit.imageShape, fixes: withoutRepeats(fixes) };
}

/** Copies of an image in a data set that has no names need one fix only. */
function withoutRepeats(fixes: readonly Fix[]): readonly Fix[] {
  const byImage = new Map(fixes.map((fix) => [JSON.stringify([fix.sha256, fix.label, fix.name]), fix]));
  return [...byImage.values()];
}
