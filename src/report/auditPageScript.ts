/**
 * What runs in the page of an audit: saves the choices, and the proposals for what the page does not show, as a fixes file, a line a fix as `formatFixes` writes it. Its
 * text is put into the page, so it can use nothing from outside itself.
 */
export function auditPageScript(): void {
  const { head, unseen } = JSON.parse(document.getElementById("audit")!.textContent!);
  document.getElementById("save")!.addEventListener("click", () => {
    const fixes = new Map<string, string>();
    for (const article of document.querySelectorAll("article")) {
      const { value: action, selectedOptions } = article.querySelector("select")!;
      if (action === "") continue;
      const { sha256, label, name } = article.dataset;
      const to = selectedOptions[0]!.dataset["to"];
      fixes.set(JSON.stringify([sha256, label, name]), JSON.stringify({ action, to, sha256, label, name }));
    }
    for (const fix of unseen) fixes.set(JSON.stringify([fix.sha256, fix.label, fix.name]), JSON.stringify(fix));
    const start = JSON.stringify(head).slice(0, -1);
    const lines = [...fixes.values()].map((fix) => `  ${fix}`);
    const text = `${start},"fixes":[\n${lines.join(",\n")}\n]}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "fixes.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
