import type { Fix, Fixes } from "../../datasets/index.ts";

/** The data that the script of an audit page reads. */
export interface AuditPageScriptData {
  /** The first lines of the fixes file. */
  readonly head: Omit<Fixes, "fixes"> & { readonly formatVersion: number; readonly kind: "fixes" };
  /** The fixes proposed for suspects that are not on the page. */
  readonly unseen: readonly Fix[];
  readonly classNames: readonly string[];
}

/**
 * The script of an audit page: counts the choices, and saves them, with the proposals for suspects that are not on the
 * page, as a fixes file, one fix per line as written by `formatFixes`. Its source text is inserted into the page, so it
 * cannot refer to anything outside itself.
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

  /** Adds the other classes to the choices for an image; including them all in the page would make it huge. */
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
    // In a data set without names, copies of an image need only one fix.
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
