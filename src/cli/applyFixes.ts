import { whole } from "../base/format.ts";
import { printable } from "../base/printable.ts";
import { applyFixes, type Dataset, type Fix } from "../datasets/index.ts";
import { readFixes } from "../sources/node/openDataset.ts";
import type { Terminal } from "./terminal.ts";

/** Applies files of fixes to data sets, one after another; reports what they changed and fixes that match no image. */
export async function fixDatasets(
  datasets: readonly Dataset[],
  paths: readonly string[],
  { namesUnmatched }: { readonly namesUnmatched: boolean },
  terminal: Terminal,
): Promise<readonly Dataset[]> {
  let fixed = datasets;
  for (const path of paths) {
    const fixes = await readFixes(path);
    const all = await Promise.all(fixed.map((dataset) => applyFixes(dataset, fixes)));
    fixed = all.map(({ dataset }) => dataset);
    const of = (action: Fix["action"]) => whole(all.reduce((sum, { counts }) => sum + counts[action], 0));
    terminal.note(`${path}: ${of("drop")} images dropped, ${of("relabel")} relabeled, ${of("keep")} kept`);
    const [first, ...others] = all.map(({ unmatched }) => unmatched);
    const nowhere = first!.filter((fix) => others.every((unmatched) => unmatched.includes(fix)));
    if (namesUnmatched) reportUnmatched(nowhere, fixes.fixes.length, path, terminal);
  }
  return fixed;
}

const SHOWN = 10;

function reportUnmatched(fixes: readonly Fix[], count: number, path: string, terminal: Terminal): void {
  if (fixes.length === 0) return;
  terminal.note(`${path}: ${whole(fixes.length)} of ${whole(count)} corrections match no image:`);
  for (const { action, label, name, sha256 } of fixes.slice(0, SHOWN))
    terminal.note(`  ${action} ${printable(name ?? `image ${sha256.slice(0, 12)}…`)}, label ${printable(label)}`);
  if (fixes.length > SHOWN) terminal.note(`  … and ${whole(fixes.length - SHOWN)} more`);
}
