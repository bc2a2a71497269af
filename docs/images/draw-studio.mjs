import { writeFileSync } from "node:fs";
import { createJiti } from "jiti";
import { chromium } from "playwright-core";
import { serveStudio } from "../../tools/studio/serve.mjs";

/**
 * Draws docs/images/studio-light.webp and studio-dark.webp, the picture of the studio in the README, after it has trained
 * the letters in Chromium: `node docs/images/draw-studio.mjs`.
 */
const [WIDTH, HEIGHT, QUALITY] = [1280, 800, 72];

/** @type {typeof import("../../test/browser/site.ts")} */
const { chromiumPath } = await createJiti(import.meta.url).import("../../test/browser/site.ts");
const site = await serveStudio();
const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
await page.goto(`${site.url}#recipe=lenet`);
await page.waitForSelector("#weights", { timeout: 120_000 });
const session = await page.context().newCDPSession(page);
for (const scheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme: scheme });
  await page.waitForTimeout(300);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  writeFileSync(new URL(`studio-${scheme}.webp`, import.meta.url), Buffer.from(data, "base64"));
}
await browser.close();
site.close();
