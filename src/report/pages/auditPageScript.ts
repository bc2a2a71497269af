import type { Fix, Fixes } from "../../datasets/index.ts";

/** What the script of an audit's page reads. */
export interface AuditPageScriptData {
  /** How the fixes file begins. */
  readonly head: Omit<Fixes, "fixes"> & { readonly formatVersion: number; readonly kind: "fixes" };
  /** What is proposed for suspects that the page does not show. */
  readonly unseen: readonly Fix[];
  readonly classNames: readonly string[];
}

/**
 * What runs in the page of an audit: counts what is chosen, and saves it, with the proposals for what the page does not
 * show, as a fixes file, one fix a line as `formatFixes` writes it. Its text is put into the page, so it can use nothing
 * from outside itself.
 */
export function auditPageScript(): void {
  const byId = (id: string) => document.getElementById(id)!;
  const { head, unseen, classNames } = JSON.parse(byId("data").textContent!) as AuditPageScriptData;
  let isSaved = true;

  const chosenFixes = () =>
    [...document.querySelectorAll("article")].flatMap((article) => {
      const { options, selectedIndex } = article.querySelector("select")!;
      const { value: action, dataset } = options[selectedIndex]!;
      const { sha256, label, name } = article.dataset;
      return action === "" ? [] : [{ action, to: dataset["to"], sha256, label, name }];
    });

  function showCount(): void {
    const fixes = [...chosenFixes(), ...unseen];
    const counts = new Map<string, number>();
    for (const { action } of fixes) counts.set(action, (counts.get(action) ?? 0) + 1);
    const whole = (n: number) => n.toLocaleString("en-US");
    byId("chosen").textContent = [...counts].map(([action, count]) => `${whole(count)} to ${action}`).join(", ");
    byId("save").textContent = `Save ${fixes.length === 1 ? "1 fix" : `${whole(fixes.length)} fixes`}`;
  }

  /** The classes that are not yet offered for an image: with many classes and images, a page of all would be huge. */
  function offerAll(select: HTMLSelectElement): void {
    const offered = new Set([...select.options].map((option) => option.dataset["to"]));
    offered.add(select.closest("article")!.dataset["label"]);
    for (const className of classNames) {
      if (offered.has(className)) continue;
      const option = new Option(`Relabel to ${className}`, "relabel");
      option.dataset["to"] = className;
      select.add(option);
    }
  }

  function save(): void {
    // Copies of an image in a data set that has no names need one fix only.
    const fixes = new Map(
      [...chosenFixes(), ...unseen].map((fix) => [JSON.stringify([fix.sha256, fix.label, fix.name]), fix]),
    );
    const lines = [...fixes.values()].map((fix) => `  ${JSON.stringify(fix)}`);
    const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n]`;
    const text = `${JSON.stringify(head).slice(0, -1)},"fixes":${list}}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "fixes.json";
    link.click();
    URL.revokeObjectURL(link.href);
    isSaved = true;
  }

  for (const event of ["pointerdown", "focusin"])
    document.addEventListener(event, ({ target }) => {
      if (target instanceof HTMLSelectElement) offerAll(target);
    });
  document.addEventListener("change", () => {
    isSaved = false;
    showCount();
  });
  addEventListener("beforeunload", (event) => {
    if (!isSaved) event.preventDefault();
  });
  byId("save").addEventListener("click", save);
  showCount();
}
