import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { losslessCompressPng, pngQuantize } from "@napi-rs/image";
import { chromium } from "playwright-core";

/* Draws the icons of the installed studio again: node tools/studio/icons.mjs CHROMIUM */

const folder = fileURLToPath(new URL("../../src/studio/public/", import.meta.url));
const drop = '<path fill="#f5f5f4" d="M12 1.5c4 5.4 7 8.6 7 13a7 7 0 1 1-14 0c0-4.4 3-7.6 7-13z"/>';
/** A drop on a dark square; what a mask cuts off is empty. */
const icon = (/** @type {{ readonly corner: number; readonly share: number }} */ { corner, share }) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="${corner}" fill="#1c1c1e"/><g transform="translate(12 12) scale(${share}) translate(-12 -11.5)">${drop}</g></svg>`;

const browser = await chromium.launch({
  executablePath: process.argv[2] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
for (const [name, side, svg] of /** @type {const} */ ([
  ["icon-192.png", 192, icon({ corner: 5, share: 0.7 })],
  ["icon-512.png", 512, icon({ corner: 5, share: 0.7 })],
  ["icon-maskable.png", 512, icon({ corner: 0, share: 0.5 })],
])) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  await page.setContent(
    `<body style="margin:0">${svg.replace("<svg ", `<svg width="${side}" height="${side}" `)}</body>`,
  );
  const few = await pngQuantize(await page.screenshot({ omitBackground: true }), { maxQuality: 95 });
  writeFileSync(join(folder, name), await losslessCompressPng(few));
  await page.close();
}
await browser.close();
