import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finish, Inkling } from "./inkling.ts";

let inkling: Inkling;
let source = "";
beforeAll(async () => {
  inkling = new Inkling();
  await inkling.writeBars("bars", 30);
  source = join(inkling.data, "bars");
  writeFileSync(join(source, "A", "broken.png"), "");
});
afterAll(() => inkling?.remove());

describe("inkling data inspect", () => {
  it("says what a data set holds", async () => {
    const { code, stdout, stderr } = await inkling.run("data", "inspect", source);
    expect(code).toBe(0);
    expect(stdout).toContain("images       30 of 8 × 8 pixels, grayscale, 3 classes\n");
    expect(stdout).toMatch(/ {2}A {2}█{24} {2}10 {2}33\.3 %\n/);
    expect(stdout).toMatch(/pixels {7}mean \d+\.\d, standard deviation \d+\.\d of 0 to 255\n/);
    expect(stdout).toContain("balance      all equal\n");
    expect(stdout).toMatch(/files {8}30: PNG gray 8 bits; 8 × 8; \d+ to \d+ bytes\n/);
    expect(stdout).toContain("left out     1 file\n");
    expect(stdout).toContain("duplicates   none\n");
    expect(stdout).toContain("near         none\n");
    expect(stdout).toContain(
      "24 training, 3 validation, 3 test, identical images kept together: no duplicates between them\n",
    );
    expect(stdout).not.toContain("▀");
    expect(stderr).toContain("A/broken.png: the file is empty");
  });

  it("prints one JSON object, and saves samples", async () => {
    const { stdout } = await inkling.run("data", "inspect", source, "--json", "--png", "samples.png");
    expect(JSON.parse(stdout)).toMatchObject({
      formatVersion: 1,
      count: 30,
      imageShape: [8, 8, 1],
      duplicates: [],
      skipped: [{ name: "A/broken.png", reason: "the file is empty" }],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      unorderedFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      imbalance: 1,
      nearDuplicates: [],
      files: {
        count: 30,
        kinds: [{ kind: "PNG gray 8 bits", count: 30 }],
        sizes: [{ height: 8, width: 8, count: 30 }],
      },
    });
    expect(readFileSync(join(inkling.cwd, "samples.png")).subarray(1, 4).toString()).toBe("PNG");
  });
});

const script = ["/usr/bin/script", "/bin/script"].find(existsSync);
it.skipIf(!script)("shows samples on a terminal, in colors unless NO_COLOR is set", async () => {
  const onTerminal = async (env: Readonly<Record<string, string>>) => {
    const command = `'${process.execPath}' '${inkling.main}' data inspect '${source}' --no-near`;
    const { stdout } = await finish(
      spawn(script!, ["-qec", command, "/dev/null"], {
        cwd: inkling.cwd,
        env: { PATH: process.env["PATH"], HOME: inkling.elsewhere, TERM: "xterm", ...env },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    return stdout;
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what must be there.
  expect(await onTerminal({})).toMatch(/\n(\x1b\[38;5;\d+;48;5;\d+m▀)+\x1b\[0m\r\n/);
  expect(await onTerminal({ NO_COLOR: "1" })).toMatch(/\n[█▀▄ ]*[█▀▄][█▀▄ ]*\r\n/);
});

describe("inkling data inspect, in depth", () => {
  it("says which images a test set has too, and counts the files of the data set alone", async () => {
    const test = join(inkling.data, "other");
    for (const name of ["A", "B", "C"]) mkdirSync(join(test, name), { recursive: true });
    for (const name of ["A", "B", "C"])
      for (const file of readdirSync(join(source, name)).slice(0, 2))
        copyFileSync(join(source, name, file), join(test, name, `x${file}`));
    const { stdout } = await inkling.run("data", "inspect", source, "--test", test, "--no-near", "--json");
    const { splits, files, nearDuplicates } = JSON.parse(stdout);
    expect(files.count).toBe(30);
    expect(nearDuplicates).toBeUndefined();
    expect(splits[0]).toMatchObject({ keepTogether: "pixels", test: 6, leftOut: 6 });
    expect(splits[0].leaks.every(({ pixels }: { pixels: number }) => pixels === 0)).toBe(true);
    const [inTraining, inValidation] = splits[1].leaks;
    expect(inTraining.pixels + inValidation.pixels).toBe(6);
  });

  it("shows what an audit found, and refuses that of another data set", async () => {
    const saved = ["--folds", "2", "--epochs", "1", "--recipe", "lenet", "--out", "audit.json"];
    const audited = await inkling.run("data", "audit", source, ...saved);
    expect(audited.code, audited.stderr).toBe(0);
    const shown = await inkling.run("data", "inspect", source, "--audit", "audit.json", "--html", "audited.html");
    expect(shown.stdout).toMatch(
      /^suspicious {3}\d+ likely label errors, \d+ unreadable images, \d+ ambiguous images$/m,
    );
    expect(readFileSync(join(inkling.cwd, "audited.html"), "utf8")).toContain(">Suspicious labels</h2>");
    const other = await inkling.run("data", "inspect", source, "--resize", "9x9", "--audit", "audit.json");
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("audit.json is an audit of different images"),
    });
    const none = await inkling.run("data", "inspect", source, "--audit", "none.json");
    expect(none.stderr).toContain("none.json does not exist; create an audit with: inkling data audit");
  });

  it("is a page with pictures that needs no other file", async () => {
    const { code, stderr } = await inkling.run("data", "inspect", source, "--html", "report.html");
    expect(code, stderr).toBe(0);
    const html = readFileSync(join(inkling.cwd, "report.html"), "utf8");
    expect(html).toMatch(/^<!doctype html>/);
    expect(html.match(/<img [^>]*src="data:image\/png;base64,iVBOR/g)!.length).toBe(3 * (1 + 10));
    expect(html).not.toMatch(/(src|href)="(?!data:|#)/);
    expect(html).toContain("A/broken.png: the file is empty");
  });
});

describe("inkling data pack", () => {
  it("writes one file with the same data, and leaves another in its place alone", async () => {
    const packed = await inkling.run("data", "pack", source, "bars.inkling", "--json");
    const { fingerprint, sha256, images, bytes } = JSON.parse(packed.stdout);
    expect({ images, bytes }).toEqual({ images: 30, bytes: readFileSync(join(inkling.cwd, "bars.inkling")).length });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    const inspected = await inkling.run("data", "inspect", "bars.inkling", "--json");
    expect(JSON.parse(inspected.stdout).fingerprint).toBe(fingerprint);
    const again = await inkling.run("data", "pack", source, "bars.inkling");
    expect(again).toMatchObject({
      code: 2,
      stderr: "inkling: bars.inkling already exists; choose another file, or replace it with --force\n",
    });
  });

  it("stores pixels as they are where it is told, and replaces where it is forced", async () => {
    const { code, stdout } = await inkling.run("data", "pack", source, "bars.inkling", "--force", "--no-compress");
    expect(code).toBe(0);
    expect(stdout).toContain("bars.inkling: 30 images, 3 classes, ");
  });

  it("says where it cannot write", async () => {
    const { code, stderr } = await inkling.run("data", "pack", source, "nowhere/bars.inkling");
    expect(code).toBe(1);
    expect(stderr).toContain("inkling: nowhere/bars.inkling cannot be written");
  });
});
