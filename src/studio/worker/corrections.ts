import { matchFixes, relabeledTo } from "../../datasets/applyFixes.ts";
import { type AnyDataset, type Fix, type Fixes, imageDigests } from "../../datasets/index.ts";
import type { Decision, Edit, Step } from "../edits.ts";

/**
 * What is decided about the images of a source, as label corrections. They are for the source as it is: what is decided about
 * added pictures, and classes that the source does not have, are not in them.
 */
export async function correctionsOf(source: AnyDataset, decisions: ReadonlyMap<number, Decision>): Promise<Fixes> {
  const { classNames, labels, names, imageShape, provenance } = source;
  const canSay = (row: number, decision: Decision) =>
    row < labels.length && (decision.action !== "relabel" || decision.to < classNames.length);
  const decided = [...decisions].filter(([row, decision]) => canSay(row, decision)).sort(([a], [b]) => a - b);
  const digests = await imageDigests(
    source,
    decided.map(([row]) => row),
  );
  const fixes = decided.map(([row, decision], i): Fix => {
    const name = names?.[row];
    const target = { sha256: digests[i]!, label: classNames[labels[row]!]!, ...(name !== undefined && { name }) };
    return decision.action === "relabel"
      ? { action: "relabel", to: classNames[decision.to]!, ...target }
      : { action: decision.action, ...target };
  });
  // Without names, copies of an image need only one fix.
  const byImage = new Map(fixes.map((fix) => [JSON.stringify([fix.sha256, fix.label, fix.name]), fix]));
  return { source: provenance.source, imageShape, fixes: [...byImage.values()] };
}

/** The decisions that label corrections make about the images of a source, and the corrections that match no image. */
export async function decisionsBy(
  fixes: Fixes,
  source: AnyDataset,
): Promise<{ readonly step: Step; readonly unmatched: readonly Fix[] }> {
  const { byRow, unmatched } = await matchFixes(source, fixes);
  const byDecision = new Map<string, Edit & { readonly type: "decide"; readonly rows: number[] }>();
  for (const [row, fix] of byRow) {
    const decision: Decision =
      fix.action === "relabel"
        ? { action: "relabel", to: relabeledTo(fix, source.classNames) }
        : { action: fix.action };
    const key = JSON.stringify(decision);
    const edit = byDecision.get(key) ?? { type: "decide", rows: [], decision };
    edit.rows.push(row);
    byDecision.set(key, edit);
  }
  return { step: [...byDecision.values()], unmatched };
}
