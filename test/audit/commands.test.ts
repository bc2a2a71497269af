import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DOMWindow, JSDOM } from "jsdom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Audit, parseAudit, parseFixes, proposeFixes } from "../../src/index.ts";
import { openDataset, readFixes, saveDataset, savePack } from "../../src/node.ts";
import { auditPage } from "../../src/report/pages/auditPage.tsx";
import { sorted } from "../formats/datasets.ts";
import { type CommandLine, commandLine } from "../runs/cli.ts";
import { bars } from "../training/data.ts";

let cli: CommandLine;
const at = (name: string) => join(cli.folder, name);
const AUDIT = ["--recipe", "dense.mjs", "--folds", "4", "--epochs", "20"];
const recipeSource = `
import { dense, flatten, network, sgd } from "inkling";
export default {
  name: "dense", description: "a dense layer", batchSize: 20, length: { steps: 100 },
  network: (spec) => network(spec, [flatten(), dense(spec.classes.length)]),
  optimizer: () => sgd(0.3, { momentum: 0.9 }),
};
`;
const PLANTED = [10, 43, 76];
const clean = bars(200);
const labels = clean.labels.map((label, row) => (PLANTED.includes(row) ? (label + 1) % 4 : label));

async function ok(...args: readonly string[]) {
  const { stdout, stderr, code } = await cli.inkling(args);
  expect(code, stderr).toBe(0);
  return { stdout, stderr };
}

beforeAll(async () => {
  cli = await commandLine();
  writeFileSync(at("dense.mjs"), recipeSource);
  const names = Array.from(labels, (label, row) => `set/${"ABCD"[label]}/<${row}>"&.png`);
  await savePack({ ...clean, labels, names }, at("noisy.inkling"));
  await saveDataset({ ...clean, labels }, at("noisy.npz"));
});
afterAll(() => cli?.remove());

describe("inkling data audit", () => {
  it("prints the suspects, and saves what the fixes then mend", async () => {
    const { stdout, stderr } = await ok(
      ...["data", "audit", "noisy.inkling", ...AUDIT, "--top", "2", "--out", "a.json", "--png", "a.png"],
      ...["--html", "a.html", "--write-fixes", "fixes.json"],
    );
    expect(stdout).toContain("images         200 of 4 classes, each scored by one of 4 models");
    expect(stdout).toMatch(
      /\nagreement {6}9[78]\.\d % of the labels agree with the models\nwrong labels {3}1\.[56] % \(estimated\)\n/,
    );
    expect(stdout).toMatch(
      /\nlikely label errors: 3\n {2}given {8}predicted {4}image\n( {2}[A-D] {5}[01]\.\d\d {3}[A-D] {5}[01]\.\d\d {3}set\/[A-D]\/<\d+>"&\.png\n){2} {2}… and 1 more\n/,
    );
    expect(stdout).not.toContain("\x1b");
    expect(stderr).toMatch(/a\.png: .*; rows from the top: label errors of [A-D](, [A-D])*\n/);
    expect(stderr).toContain("fixes.json: 3 label corrections; review them before you use them\n");
    const audit = parseAudit(readFileSync(at("a.json"), "utf8"));
    expect(audit.source).toBe("noisy.inkling");
    expect(audit.suspects.map(({ row }) => row).sort((a, b) => a - b)).toEqual(PLANTED);
    expect(readFileSync(at("a.png")).subarray(1, 4).toString()).toBe("PNG");
    await ok("data", "pack", "noisy.inkling", "mended.inkling", "--fixes", "fixes.json");
    expect((await openDataset(at("mended.inkling"))).labels).toEqual(clean.labels);
  });

  it("saves a page that needs no other file, shows each suspect, and gives the fixes that are chosen", async () => {
    const page = readFileSync(at("a.html"), "utf8");
    expect(page.match(/<img [^>]*src="data:image\/png;base64,/g)?.length).toBe(3);
    expect(page).not.toMatch(/(src|href)="(?!data:|#)/);
    expect(page).toContain("&lt;10>&quot;&amp;.png");
    expect(page).not.toContain('<10>"');
    const proposed = await readFixes(at("fixes.json"));
    expect(parseFixes(await savedFrom(page))).toEqual(proposed);
    const other = await savedFrom(page, (choose) => {
      choose(0, "Keep ");
      choose(1, "No fix");
    });
    const [first, , third] = proposed.fixes;
    const { sha256, label, name } = first!;
    expect(parseFixes(other).fixes).toEqual([{ action: "keep", sha256, label, name }, third]);
    const none = await savedFrom(page, (choose) => {
      for (const i of proposed.fixes.keys()) choose(i, "No fix");
    });
    expect(parseFixes(none).fixes).toEqual([]);
  });

  it("audits what fixes leave, does not suspect again what they keep, and prints JSON alone", async () => {
    const proposed = await readFixes(at("fixes.json"));
    const [first, second, third] = proposed.fixes;
    const keep = { ...first!, action: "keep" as const };
    const text = JSON.stringify({ formatVersion: 1, kind: "fixes", ...proposed, fixes: [keep, second, third] });
    writeFileSync(at("kept.json"), text.replace(`"to":"${"to" in first! ? first.to : ""}",`, ""));
    const { stdout } = await ok("data", "audit", "noisy.inkling", ...AUDIT, "--fixes", "kept.json", "--json");
    expect(parseAudit(stdout)).toMatchObject({ kept: 1, suspects: [] });
  });

  it("names rows where there are no files, and proposes to drop where it is told to", async () => {
    const { stdout } = await ok(
      ...["data", "audit", "noisy.npz", ...AUDIT, "--write-fixes", "drop.json", "--label-errors", "drop"],
    );
    expect(stdout).toMatch(/ {3}row (10|43|76)\n/);
    await ok("data", "pack", "noisy.npz", "fewer.inkling", "--fixes", "drop.json");
    expect((await openDataset(at("fewer.inkling"))).labels.length).toBe(197);
  });

  it("says so where models have learned nothing", async () => {
    const { stderr } = await ok("data", "audit", "noisy.inkling", "--recipe", "fast", "--epochs", "0.01");
    expect(stderr).toContain("The models agree with few labels");
  });

  it.each([
    ["a fixes file that is there", ["--write-fixes", "fixes.json"], 2, /fixes\.json already exists.*--force/],
    ["a folder that is not there", ["--html", "no/a.html"], 1, /no\/a\.html cannot be written/],
    ["one fold", ["--folds", "1"], 2, /inkling: --folds is 1, expected a whole number of at least 2/],
    ["an unknown action", ["--label-errors", "burn"], 2, /Allowed choices are relabel, drop/],
  ])("refuses %s", async (_, args, expected, message) => {
    const { code, stderr } = await cli.inkling(["data", "audit", "noisy.inkling", ...AUDIT, ...args]);
    expect({ code, stderr }).toMatchObject({ code: expected, stderr: expect.stringMatching(message) });
  });

  it("stops at Ctrl-C and leaves nothing", async () => {
    const args = [
      "data",
      "audit",
      "noisy.inkling",
      "--recipe",
      "dense.mjs",
      "--epochs",
      "1000000",
      "--out",
      "late.json",
    ];
    const { code, stderr } = await cli.inkling(args, (child) => {
      child.stderr!.on("data", (chunk) => {
        if (String(chunk).includes("Training")) setTimeout(() => child.kill("SIGINT"), 100);
      });
    });
    expect({ code, stderr }).toMatchObject({
      code: 130,
      stderr: expect.stringMatching(/the audit was stopped in fold 1/),
    });
    expect(existsSync(at("late.json"))).toBe(false);
  });
});

it("saves what is proposed for suspects that the page does not show", async () => {
  const dataset = sorted(4, [2, 2, 1], ["A", "B"]);
  const suspect = {
    kind: "labelError",
    row: 0,
    label: "A",
    suggested: "B",
    margin: -0.5,
    probabilities: [0, 1],
  } as const;
  const suspects = Array.from({ length: 1003 }, (_, i) => ({ ...suspect, sha256: i.toString(16).padStart(64, "0") }));
  const audit = { ...baseAudit, imageShape: dataset.imageShape, classNames: dataset.classNames, suspects };
  const { fixes } = parseFixes(await savedFrom(auditPage({ dataset, audit })));
  expect(fixes).toEqual(proposeFixes(audit).fixes);
  expect(fixes.length).toBe(1003);
});

const baseAudit: Omit<Audit, "suspects" | "imageShape" | "classNames"> = {
  source: "test",
  fingerprint: "f",
  images: 4,
  recipe: "fast",
  folds: 4,
  steps: 500,
  seed: 1,
  backend: "wasm",
  arithmetic: "fma",
  accuracy: 0.9,
  noise: 0.1,
  kept: 0,
  thresholds: [0.5, 0.5],
  joint: [
    [1, 0],
    [0, 1],
  ],
};

it("offers every class of a data set with many, and says how many fixes there are", async () => {
  const classNames = Array.from({ length: 12 }, (_, k) => `class ${k}`);
  const dataset = { ...sorted(4, [2, 2, 1], ["A", "B"]), classNames };
  const probabilities = classNames.map((_, k) => k / 66);
  const suspect = { kind: "labelError", row: 0, label: "class 3", suggested: "class 11", margin: -0.5 } as const;
  const audit = {
    ...baseAudit,
    imageShape: dataset.imageShape,
    classNames,
    suspects: [{ ...suspect, sha256: "0".repeat(64), probabilities }],
  };
  const page = auditPage({ dataset, audit });
  expect(page.match(/<option/g)).toHaveLength(3 + 3);
  const text = await savedFrom(page, (choose, document) => {
    const save = document.getElementById("save")!;
    expect(save.textContent).toBe("Save 1 fix");
    choose(0, "No fix");
    expect(save.textContent).toBe("Save 0 fixes");
    choose(0, "Relabel to class 0");
    expect(document.getElementById("chosen")!.textContent).toBe("1 to relabel");
    expect(document.querySelectorAll("option")).toHaveLength(3 + 11);
  });
  expect(parseFixes(text).fixes).toEqual([
    { action: "relabel", to: "class 0", sha256: "0".repeat(64), label: "class 3" },
  ]);
  const clean = auditPage({ dataset, audit: { ...audit, suspects: [] } });
  expect(clean).toContain("No label is suspected");
  expect(clean).not.toMatch(/Save|Choose what to do/);
});

type Choose = (card: number, option: string) => void;

/** What the page saves when its button is pressed, after somebody has chosen. */
async function savedFrom(
  page: string,
  change: (choose: Choose, document: DOMWindow["document"]) => void = () => {},
): Promise<string> {
  let saved = new Blob();
  const { window } = new JSDOM(page, {
    runScripts: "dangerously",
    beforeParse(made) {
      made.Blob = Blob;
      made.URL.createObjectURL = (blob) => {
        saved = blob as Blob;
        return "#saved";
      };
      made.URL.revokeObjectURL = () => {};
    },
  });
  const { document } = window;
  change((card, option) => {
    const select = document.querySelectorAll("select")[card]!;
    select.focus();
    const chosen = [...select.options].findIndex(({ text }) => text.startsWith(option));
    expect(chosen, option).toBeGreaterThanOrEqual(0);
    select.selectedIndex = chosen;
    select.dispatchEvent(new window.Event("change", { bubbles: true }));
  }, document);
  document.getElementById("save")!.click();
  window.close();
  return saved.text();
}
