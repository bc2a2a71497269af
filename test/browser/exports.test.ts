import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { build, createServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { exportCommand } from "../../src/cli/export/export.ts";
import { openSubject } from "../../src/cli/export/subject.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { type GoldenSource, goldenVectors } from "../../src/export/exportable.ts";
import { packageFiles } from "../../src/export/package/exportPackage.ts";
import { encodePng } from "../../src/image/encodePng.ts";
import { imageAt } from "../../src/image/image.ts";
import type { TrainedModel } from "../../src/index.ts";
import { type CommandLine, commandLine } from "../runs/cli.ts";
import { bars } from "../training/data.ts";
import { chromiumPath, Site } from "./site.ts";

const docs = readFileSync(new URL("../../docs/export.md", import.meta.url), "utf8");
/** The example of a language that contains a text. */
const example = (language: string, text: string): string =>
  [...docs.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"))]
    .map((match) => match[1]!)
    .find((code) => code.includes(text))!;

/** A photo of a dark bar on a light background. */
const [width, height] = [60, 40];
const photo = Uint8Array.from({ length: width * height }, (_, i) =>
  i % width > 10 && i % width < 50 && i > 1400 && i < 1900 ? 30 : 220,
);

describe.skipIf(!chromiumPath)("in Chromium, if there is one: exported models", () => {
  const site = new Site("exports");
  let cli: CommandLine;
  let address: string;
  let trained: TrainedModel;
  let about: object;
  const at = (...names: string[]) => join(cli.folder, ...names);
  const targets = [
    ["model.onnx"],
    ["model.c"],
    ["model.wasm"],
    ["relaxed.wasm", { relaxed: true }],
    ["CARD.md"],
    ["letters/"],
  ] as const;

  beforeAll(async () => {
    cli = await commandLine();
    await Promise.all([
      site.make(),
      cli.inkling(["train", at("bars.inkling"), "--recipe", "small.mjs", "--steps", "40", "--out", "run"]),
    ]);
    address = await site.serve({ isolated: false });
    const on = wasmBackend();
    const subject = await openSubject(at("run"), on, { license: "CC0-1.0" }, createTerminal({ json: true }));
    const golden = (await goldenVectors(subject.trained, subject.test as GoldenSource)).map(
      ({ label, pixels, logits }) => {
        return { label, pixels: Buffer.from(pixels).toString("base64"), logits: [...logits] };
      },
    );
    trained = subject.trained;
    about = { ...subject.about, golden };
    for (const [target, options] of targets)
      await exportCommand(at("run"), at(target), { backend: "wasm", license: "CC0-1.0", json: true, ...options });
    for (const name of ["wasm", "plain"]) mkdirSync(join(site.folder, name));
    writeFileSync(at("photo.png"), encodePng(photo, [height, width, 1]));
  }, 300_000);
  afterAll(async () => {
    await site.remove();
    cli.remove();
  });

  /** What a page's output says of a picture file. */
  async function outputOf(page: Page, file: string): Promise<string> {
    await page.waitForFunction("document.querySelector('input').onchange");
    await page.setInputFiles("input", file);
    await page.waitForFunction("document.querySelector('output').textContent");
    return page.evaluate<string>("document.querySelector('output').textContent");
  }

  it("are the same, byte for byte, as those that the command writes", async () => {
    const model = readFileSync(at("run", "model.safetensors")).toString("base64");
    const inPage = await site.evaluate<Record<string, string>>(address, "exportAll", model, about);
    const names = ["model.onnx", "model.h", "model.c", "model.wasm", "relaxed.wasm", "CARD.md"];
    const all = [...names, ...packageFiles.map((name) => `letters/${name}`)];
    const written = await Promise.all(all.map(async (name) => [name, await sha256(readFileSync(at(name)))] as const));
    expect(inPage).toEqual(Object.fromEntries(written));
  });

  it("classify in the page of the documentation, as WebAssembly", async () => {
    writeFileSync(join(site.folder, "wasm", "index.html"), example("html", "model.wasm"));
    cpSync(at("model.wasm"), join(site.folder, "wasm", "model.wasm"));
    const dataset = bars(4, { stream: 3 });
    for (const row of [0, 1, 2, 3]) {
      const { pixels } = imageAt(dataset, row);
      writeFileSync(at("image.png"), encodePng(pixels, dataset.imageShape));
      const page = await site.openPage(`${address}wasm/index.html`);
      expect(await outputOf(page, at("image.png"))).toBe((await trained.predict(pixels)).label);
      await page.close();
    }
  });

  it("classify in a page without a bundler, as a package", async () => {
    cpSync(at("letters"), join(site.folder, "plain", "letters"), { recursive: true });
    const script =
      'import { classify, logits } from "./letters/index.js";\nObject.assign(globalThis, { classify, logits });';
    writeFileSync(join(site.folder, "plain", "index.html"), `<script type="module">${script}</script>`);
    const page = await site.openPage(`${address}plain/index.html`);
    await page.waitForFunction("globalThis.classify");
    const data = `Uint8Array.from(${JSON.stringify([...photo])})`;
    const picture = `{ width: ${width}, height: ${height}, data: ${data} }`;
    expect(await page.evaluate(`classify(${picture})`)).toEqual(await trained.predict({ width, height, data: photo }));
    await page.close();
  });

  it("classify in the Vite project of the documentation, as a package, built and in development", async () => {
    const root = at("project");
    mkdirSync(join(root, "node_modules"), { recursive: true });
    cpSync(at("letters"), join(root, "node_modules", "letters"), { recursive: true });
    writeFileSync(join(root, "package.json"), '{ "type": "module", "dependencies": { "letters": "1.0.0" } }');
    writeFileSync(join(root, "index.html"), example("html", "./main.js"));
    writeFileSync(join(root, "main.js"), example("js", "OffscreenCanvas"));
    const { label, probability } = await trained.predict({ width, height, data: photo });
    const expected = `${label} ${(100 * probability).toFixed(1)} %`;

    const outDir = join(site.folder, "vite");
    await build({ root, base: "./", configFile: false, logLevel: "error", build: { outDir, emptyOutDir: true } });
    const page = await site.openPage(`${address}vite/index.html`);
    expect(await outputOf(page, at("photo.png"))).toBe(expected);
    await page.close();

    const server = await createServer({ root, configFile: false, logLevel: "error", server: { host: "127.0.0.1" } });
    try {
      await server.listen();
      const developed = await site.openPage(server.resolvedUrls!.local[0]!);
      expect(await outputOf(developed, at("photo.png"))).toBe(expected);
      await developed.close();
    } finally {
      await server.close();
    }
  });
});
