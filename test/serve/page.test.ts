import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listening, listen } from "../../src/serve/node/listen.ts";
import { chromiumPath } from "../browser/site.ts";
import { decodePicture } from "../image/decoded.ts";
import { appWith, modelWith, pictures } from "./server.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const token = "correct-horse-battery";
const models = new Map([
  ["first", modelWith(1)],
  ["a/b <ü>", modelWith(2)],
]);
const files = pictures.slice(0, 2).map((buffer, n) => ({ name: `${n} <b>.png`, mimeType: "image/png", buffer }));

describe("the page", () => {
  it("comes with a policy that allows its own script and style alone, in headers and in itself", async () => {
    const response = await appWith().app.request("/", { headers: { Host: "localhost" } });
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).toMatch(
      /^default-src 'none'; img-src data:; style-src 'sha256-[\w+/=]{44}'; script-src 'sha256-[\w+/=]{44}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    const html = await response.text();
    expect(html).not.toMatch(/ (on\w+|style)=/);
  });
});

describe.skipIf(!chromiumPath)("in Chromium, if there is one: the page", () => {
  let browser: Browser;
  const servers: Listening[] = [];
  let [open, closed] = ["", ""];
  beforeAll(async () => {
    for (const options of [{ models }, { models, token }]) {
      const { app } = appWith(options);
      servers.push(await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0, seconds: 10 }));
    }
    [open, closed] = servers.map(({ url }) => url) as [string, string];
    browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) await server.stop();
  });

  async function visit(url: string, width = 1280, colorScheme: "light" | "dark" = "light") {
    const page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.goto(url);
    return { page, complaints };
  }

  const violations = async (page: Page): Promise<readonly string[]> => {
    await page.evaluate(axe);
    const found: AxeResults = await page.evaluate("axe.run()");
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
  };

  it.each([
    [1280, "light"],
    [390, "dark"],
  ] as const)("classifies chosen pictures, is accessible and fits at %i pixels, %s", async (width, scheme) => {
    const { page, complaints } = await visit(open, width, scheme);
    await expect.poll(() => page.evaluate("document.querySelector('#model').options.length")).toBe(2);
    expect(await page.textContent("#classes")).toBe("3 classes: A, B, C");
    expect(await violations(page)).toEqual([]);
    await page.selectOption("#model", "a/b <ü>");
    await page.setInputFiles("#files", files);
    await expect.poll(() => page.evaluate("document.querySelectorAll('#list .card').length")).toBe(2);
    expect(await page.textContent("#list .card:last-child .file")).toMatch(/^0 <b>\.png8 × 8 pixels/);
    const { label, probability } = (await models.get("a/b <ü>")!.predict(pixelsOf(1)))!;
    expect(await page.textContent("#list .card:first-child .odds dt")).toBe(label);
    expect(await page.textContent("#list .card:first-child .number")).toBe(`${(100 * probability).toFixed(1)} %`);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("classifies dropped pictures, and says what is wrong with others", async () => {
    const { page } = await visit(open);
    await expect.poll(() => page.evaluate("document.querySelector('#model').options.length")).toBe(2);
    const drop = (base64: string, name: string) =>
      page.evaluate(`{
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(atob(${JSON.stringify(base64)}), (c) => c.charCodeAt(0));
        transfer.items.add(new File([bytes], ${JSON.stringify(name)}));
        document.querySelector("#drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
      }`);
    await drop(pictures[0]!.toString("base64"), "x.png");
    await page.waitForSelector("#list .card");
    await drop("aGFsbG8=", "y.txt");
    await expect.poll(() => page.textContent("#problem")).toMatch(/not a PNG/);
    await page.close();
  });

  it("uses the visitor's token", async () => {
    const { page } = await visit(closed);
    await page.fill("#token", "wrong");
    await page.press("#token", "Tab");
    await expect.poll(() => page.textContent("#problem")).toBe("the token is wrong");
    await page.fill("#token", token);
    await page.press("#token", "Tab");
    await expect.poll(() => page.evaluate("document.querySelector('#model').options.length")).toBe(2);
    expect(await page.textContent("#problem")).toBe("");
    await page.setInputFiles("#files", files.slice(0, 1));
    await page.waitForSelector("#list .card");
    expect(await violations(page)).toEqual([]);
    await page.close();
  });
});

/** The picture with a number, decoded. */
const pixelsOf = (n: number) => decodePicture(pictures[n]!);
