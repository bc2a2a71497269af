import { encodePng } from "../../image/encodePng.ts";
import type { Image } from "../../image/image.ts";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as it stands in HTML, in attributes too. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => entities[character]!);

/** An `img` element that holds its image. */
export function picture({ pixels, height, width, channels }: Image, alt: string): string {
  const png = Buffer.from(encodePng(pixels, [height, width, channels])).toString("base64");
  return `<img width="${width}" height="${height}" src="data:image/png;base64,${png}" alt="${escapeHtml(alt)}">`;
}

/** A page in one file that needs no other. */
export const page = (title: string, style: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
img { image-rendering: pixelated; max-width: 100%; height: auto; vertical-align: middle; }
${style}</style>
<h1>${escapeHtml(title)}</h1>
${body}
</html>
`;
