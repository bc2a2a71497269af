import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import {
  decodePack,
  dense,
  encodeDataset,
  flatten,
  openDataset,
  PortableRun,
  parseFixes,
  recipe,
  sgd,
  train,
} from "../../src/index.ts";
import { sitePolicy } from "../../src/serve/siteHeaders.ts";
import { formatLink, parseLink } from "../../src/studio/link.ts";
import { buildStudio } from "../../tools/studio/build.mjs";
import { chromiumPath } from "../browser/site.ts";
import { bars } from "../training/data.ts";
import { hostStatic, type StaticHost } from "./staticHost.ts";

enableRelaxedSimd();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const letters = fileURLToPath(new URL("../../data/letters.inkling", import.meta.url));
/** For what takes long on a busy machine. */
const slow = { timeout: 60_000 };

describe("a link", () => {
  it("holds recipe and settings, and the weights that they come to", () => {
    const link = {
      settings: {
        recipe: "fast",
        overrides: { learningRate: 0.05, steps: 20, seed: 3, split: { test: 0.2 } },
        layers: [flatten(), dense(10)],
        optimizer: sgd(0.1),
      },
      weights: "0123456789abcdef".repeat(4),
    };
    expect(parseLink(`#${formatLink(link)}`)).toEqual(link);
  });

  it("holds that a learning rate is chosen by trials", () => {
    const link = { settings: { recipe: "lenet", overrides: {}, chosenRate: true } };
    expect(parseLink(formatLink(link))).toEqual(link);
  });

  it("of a stranger holds nothing but settings", () => {
    expect(parseLink("")).toBeUndefined();
    expect(parseLink("#recipe=<b>&steps=x&more=[1]&weights=zz")).toEqual({
      settings: { recipe: "<b>", overrides: {} },
    });
    expect(parseLink("#recipe=lenet&more={&layers=[1]&optimizer=3")).toEqual({
      settings: { recipe: "lenet", overrides: {} },
    });
  });
});

describe.skipIf(!chromiumPath)("the studio, in Chromium if there is one", () => {
  const folder = mkdtempSync(join(tmpdir(), "inkling-studio-"));
  let server: StaticHost;
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    await buildStudio(folder, { letters: true });
    server = await hostStatic(folder, { isolated: true });
    browser = await chromium.launch({
      executablePath: chromiumPath!,
      args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    });
    context = await browser.newContext({ acceptDownloads: true });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  async function visit(fragment = "", by = context): Promise<{ readonly page: Page; readonly complaints: string[] }> {
    const page = await by.newPage();
    const complaints: string[] = [];
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on(
      "request",
      (request) =>
        request.url().startsWith(server.url) || /^(blob|data):/.test(request.url()) || complaints.push(request.url()),
    );
    await page.goto(server.url + fragment);
    return { page, complaints };
  }
  const violations = async (page: Page): Promise<readonly string[]> => {
    await page.evaluate(axe);
    const found: AxeResults = await page.evaluate("axe.run()");
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
  };
  const settings = { recipe: "lenet", overrides: { steps: 40, seed: 2 } };

  it("trains a link's settings to the weights of Node, takes them along, and goes on after a reload", async () => {
    const { weightsSha256 } = await train(recipe("lenet"), await openDataset(readFileSync(letters)), {
      ...settings.overrides,
      backend: "wasm",
    }).result();
    const { page, complaints } = await visit(`#${formatLink({ settings, weights: weightsSha256 })}`);
    await page.waitForSelector("#weights", { timeout: 60_000 });
    expect(await page.textContent("#weights")).toBe(weightsSha256);
    expect(await page.textContent(".hash b")).toContain("the same weights as the link says");
    expect(await page.locator("#try .odds dt").allTextContents()).toEqual([..."ABCDEFGHIJ"]);
    expect(await page.locator("#training .stages li").count()).toBe(9); // eight stages, and the filters of the first
    expect(await page.locator("#confusion tbody tr").count()).toBe(10);
    for (const [width, scheme] of [
      [1280, "light"],
      [390, "dark"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme });
      expect(await violations(page), `${width} ${scheme}`).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    }

    const download = async (name: string) => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.click(`#ship .forms button:has-text("${name}")`),
      ]);
      return readFileSync((await file.path())!);
    };
    expect((await download("one file, no imports")).subarray(0, 4).toString("latin1")).toBe("\0asm");
    expect(await page.textContent("#ship p[role=status]")).toMatch(
      /^letters.wasm: checked here on 10 images: (the same logits|logits differ by \de-[78] at most)$/,
    );
    const run = await PortableRun.open(new Uint8Array(await download("to continue elsewhere")));
    expect(run.run?.result?.weightsSha256).toBe(weightsSha256);
    expect(run.run?.config).toMatchObject({ recipe: "lenet", data: { source: "letters" }, seed: 2 });

    // A second tab says that it stores nothing, and what it does is not there afterwards.
    await page.evaluate("location.hash = ''");
    const { page: second } = await visit();
    await expect.poll(() => second.textContent("#ship"), slow).toContain("open in another tab");
    await second.click("#training button:has-text('Step')");
    await expect.poll(() => second.textContent(".status"), slow).toMatch(/^Paused/);
    await second.close();
    await page.reload();
    await page.waitForSelector("#weights");
    expect(await page.textContent("#weights")).toBe(weightsSha256);
    expect(await page.getByLabel("Seed", { exact: true }).inputValue()).toBe("2");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("opens pictures in folders, trains on them step by step, and says what is wrong with other files", async () => {
    const zip = await encodeDataset(
      { ...bars(60, { classes: 3, size: 12 }), classNames: ["up", "left", "down"] },
      "mine.zip",
    );
    const [file] = zip;
    const { page, complaints } = await visit();
    await page.waitForSelector("#data .class-row");
    const input = page.locator("#data input[type=file]").first();
    await input.setInputFiles({
      name: "mine.zip",
      mimeType: "application/zip",
      buffer: Buffer.from(file!.bytes),
    });
    await expect.poll(() => page.locator("#data .class-row b").allTextContents(), slow).toEqual(["down", "left", "up"]);
    expect(await page.inputValue("#training select")).toBe("auto"); // lenet is that of the letters

    // Images are listed, and decided about, from the keyboard; what is decided is what --fixes takes.
    await page.focus("#data .class-row >> nth=0");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Look at all", exact: true }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate("document.activeElement.className"), slow).toBe("image-grid");
    expect(await page.locator(".image-grid").getAttribute("aria-label")).toMatch(/^20 images/);
    for (const key of ["ArrowRight", "Enter", "d", "ArrowRight", "k"]) await page.keyboard.press(key);
    await expect
      .poll(() => page.getAttribute("#image-1", "aria-label"), slow)
      .toMatch(/^left out \(was down\), left out/);
    await expect.poll(() => page.textContent(".detail .image-name"), slow).toMatch(/^down\//);
    for (const [width, scheme] of [
      [1280, "light"],
      [390, "dark"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme });
      expect(await violations(page), `images at ${width} ${scheme}`).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    const saved = async (button: string) => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.click(`#data button:has-text("${button}")`),
      ]);
      return readFileSync((await download.path())!);
    };
    const fixes = await saved("Save corrections");
    expect(parseFixes(fixes.toString()).fixes.map(({ action, label }) => `${action} ${label}`)).toEqual([
      "drop down",
      "keep down",
    ]);
    for (const key of ["Control+z", "Control+z"]) await page.keyboard.press(key);
    await expect.poll(() => page.locator("#data button:has-text('Save corrections')").count(), slow).toBe(0);
    await input.setInputFiles({ name: "fixes.json", mimeType: "application/json", buffer: fixes });
    await expect.poll(() => page.textContent("#data"), slow).toContain("2 corrected · 1 left out");
    await page.focus(".image-grid");
    for (const key of ["Escape", "Escape"]) await page.keyboard.press(key);
    await expect.poll(() => page.locator(".browse").count(), slow).toBe(0);

    // A class is added to from the camera and from the clipboard, and everything is there again after the tab has crashed.
    await page.click(".class-tools button:has-text('Camera')");
    await expect
      .poll(() => page.evaluate("document.querySelector('.camera video')?.videoWidth"), slow)
      .toBeGreaterThan(0);
    await page.hover(".camera .main");
    await page.mouse.down();
    await page.waitForTimeout(300); // a burst
    await page.mouse.up();
    await expect.poll(() => page.textContent("#data"), slow).toMatch(/2 corrected · \d+ added · 1 left out/);
    const added = async () => Number(/(\d+) added/.exec((await page.textContent("#data"))!)?.[1]);
    const before = await added();
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      const picture = new Uint8Array([
        66, 77, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24,
      ]);
      const bitmap = new Uint8Array(58);
      bitmap.set(picture);
      clipboardData.items.add(new File([bitmap], "pasted.bmp", { type: "image/bmp" }));
      document
        .querySelector("#data .class-row")!
        .dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    });
    await expect.poll(added, slow).toBe(before + 1);
    await page.selectOption("#training select", "fast");
    await page.click("#training button:has-text('Step')");
    await expect.poll(() => page.textContent(".status"), slow).toMatch(/^Paused ?step 1 of/);
    const pack = await decodePack(new Uint8Array(await saved("Save data")));
    expect(pack.labels.length).toBe(60 - 1 + before + 1);
    await page.click("#training button:has-text('Resume')");
    await expect.poll(() => page.textContent(".status b"), slow).toBe("Training");
    const crashed = page.waitForEvent("crash");
    void (await context.newCDPSession(page)).send("Page.crash").catch(() => {}); // nothing answers
    await crashed;
    await page.close();
    const { page: again } = await visit();
    await again.waitForSelector("#weights", { timeout: 60_000 });
    expect(await again.textContent("#data")).toContain(`2 corrected · ${before + 1} added · 1 left out`);
    const cdp = await context.newCDPSession(again);
    await cdp.send("Storage.overrideQuotaForOrigin", { origin: new URL(server.url).origin, quotaSize: 1 });
    await again.click("#data button:has-text('Undo')");
    await expect
      .poll(() => again.textContent(".problem"), slow)
      .toMatch(/could not store edits\.json.*Save data.*Delete all/);
    await cdp.send("Storage.overrideQuotaForOrigin", { origin: new URL(server.url).origin });
    await again
      .locator("#data input[type=file]")
      .first()
      .setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
    await expect.poll(() => again.textContent(".problem"), slow).toMatch(/notes\.txt/);
    expect(complaints).toEqual([]);
    await again.close();
  });

  it("can be used with the keyboard alone, from the network and its settings to an exported model", async () => {
    const { page, complaints } = await visit("", await browser.newContext({ reducedMotion: "reduce" }));
    await page.waitForSelector("#training button.main:enabled");
    /** Moves the focus on to what has this name, or to what matches a selector. */
    const go = async (to: { readonly name: string } | { readonly selector: string }, key = "Tab") => {
      const isThere = (wanted: { readonly name?: string; readonly selector?: string }) => {
        const at = document.activeElement as HTMLInputElement;
        if (wanted.selector !== undefined) return at.matches(wanted.selector);
        const name = at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent;
        return name?.trim().startsWith(wanted.name!) ?? false;
      };
      for (let pressed = 0; pressed < 200; pressed++) {
        await page.keyboard.press(key);
        if (await page.evaluate(isThere, to)) return;
      }
      throw new Error(`the keyboard does not lead to ${JSON.stringify(to)}`);
    };
    await go({ name: "Steps" });
    await page.keyboard.type("12");
    await go({ name: "All settings" });
    await page.keyboard.press("Enter");
    await go({ name: "label smoothing" });
    await page.keyboard.type("0.1");
    await go({ name: "Edit layers" });
    await page.keyboard.press("Enter");
    await page.waitForSelector(".layers li");
    await go({ name: "Move relu down" });
    await page.keyboard.press("Enter");
    const layers = () => page.locator(".layers b").allTextContents();
    await expect.poll(async () => (await layers()).slice(0, 3)).toEqual(["conv2d", "dropout", "relu"]);
    await page.keyboard.press("Alt+ArrowUp"); // the focus has moved along
    await expect.poll(async () => (await layers()).slice(0, 3)).toEqual(["conv2d", "relu", "dropout"]);
    await go({ name: "Remove flatten" });
    await page.keyboard.press("Enter");
    await expect.poll(() => page.textContent(".layers .wrong .warn")).toMatch(/^layer dense_1: /);
    expect(await violations(page), "settings and layers").toEqual([]);
    await go({ name: "Back to the network of lenet" });
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".layers .wrong").count()).toBe(0);
    await go({ selector: "#training .main" }, "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#weights", slow);
    await go({ selector: ".matrix td" });
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.textContent("#confusion h3")).toMatch(/ of A, taken for B$/);
    await go({ name: "WebAssembly" }, "Shift+Tab");
    const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    expect(file.suggestedFilename()).toBe("letters.wasm");
    // A link to this says with what and to what it was trained.
    await go({ name: "Copy link" }, "Shift+Tab");
    await page.keyboard.press("Enter");
    expect(parseLink(await page.evaluate("location.hash"))).toEqual({
      settings: { recipe: "lenet", overrides: { labelSmoothing: 0.1, steps: 12 } },
      weights: await page.textContent("#weights"),
    });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("needs no network after its first visit to any host, has several threads then, and is replaced as a whole", async () => {
    const site = mkdtempSync(join(tmpdir(), "inkling-studio-static-"));
    cpSync(folder, site, { recursive: true });
    let host = await hostStatic(site, { isolated: false });
    const own = await browser.newContext();
    const page = await own.newPage();
    const isIsolated = () => page.evaluate<boolean>("crossOriginIsolated");
    const trained = async () => {
      await page.waitForSelector("#weights", { timeout: 60_000 });
      return page.textContent("#weights");
    };
    await page.goto(`${host.url}#${formatLink({ settings: { recipe: "lenet", overrides: { steps: 10 } } })}`);
    const weights = await trained();
    expect(await isIsolated()).toBe(false);
    const session = await own.newCDPSession(page);
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
    await expect
      .poll(() => page.textContent(".notice"), slow)
      .toMatch(/^Reload this page to train on all \d+ processors/);

    await host.stop();
    await page.evaluate("history.replaceState(null, '', location.pathname)");
    await page.reload();
    expect(await isIsolated()).toBe(true);
    expect(await trained()).toBe(weights);
    await page.click("#training button.main");
    const processors = await page.evaluate<number>("navigator.hardwareConcurrency");
    await expect
      .poll(() => page.textContent(".status"), slow)
      .toMatch(new RegExp(`^Trained ?step 10 of 10.*, ${processors} threads?`));
    expect(await trained()).toBe(weights);

    // A host that has the service worker of a new build, but not all of its files yet; then it has them all.
    host = await hostStatic(site, { isolated: false, port: Number(new URL(host.url).port) });
    const [icon, worker] = [join(site, "icon.svg"), join(site, "serviceWorker.js")];
    const [before, script] = [readFileSync(icon), readFileSync(worker, "utf8")];
    const after = Buffer.concat([before, Buffer.from("\n")]);
    const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    const version = /version:[`"](\w+)/.exec(script)![1]!;
    writeFileSync(worker, script.replace(sha256(before), sha256(after)).replace(version, "next"));
    const update = "navigator.serviceWorker.getRegistration().then((one) => one.update())";
    const caches = "caches.keys().then((names) => names.map((name) => name.split(' ').at(-1)))";
    await page.evaluate(`${update}.catch(() => {})`);
    await expect.poll(() => page.evaluate(caches)).toEqual([version]);
    writeFileSync(icon, after);
    await page.evaluate(update);
    await page.click(".notice button", slow);
    await expect.poll(() => page.evaluate(caches).catch(() => []), slow).toEqual(["next"]);
    expect(await trained()).toBe(weights);
    await own.close();
    await host.stop();
    rmSync(site, { recursive: true });
  });

  it("has a page that allows itself no more than its server does", () => {
    const [, own] = /Content-Security-Policy" content="([^"]*)"/.exec(
      readFileSync(join(folder, "index.html"), "utf8"),
    )!;
    expect(own).toBe(sitePolicy);
  });
});
