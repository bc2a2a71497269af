/**
 * Makes the pictures of test/predict again: npx jiti test/predict/pictures/make.ts
 *
 * Two of each letter A to J, drawn with DejaVu (Debian: fonts-dejavu), which is not among the built-in letters' fonts.
 * A file's name begins with its letter.
 */
import { writeFileSync } from "node:fs";
import {
  draw,
  grain,
  jpeg,
  type LetterStyle,
  letter,
  oriented,
  png,
  type Rgba,
  shade,
  sheet,
  tilt,
  webp,
} from "./scene.ts";

const bold = 'font-weight="bold"';
const serif = "DejaVu Serif";
const mono = "DejaVu Sans Mono";

/** A letter on a sheet of paper. */
const paper = (
  text: string,
  {
    width = 320,
    height = 240,
    color = "#f2efe6",
    x = 110,
    y = 180,
    size = 150,
    ...rest
  }: Partial<LetterStyle & Rgba & { readonly color: string }> = {},
): Rgba => draw(width, height, sheet(width, height, color) + letter(text, { x, y, size, ...rest }));

const dust = [1, 2, 3, 4, 5, 6, 7, 8, 9]
  .map((n) => `<circle cx="${(n * 97) % 230}" cy="${(n * 61) % 290}" r="${1 + (n % 2)}" fill="#555"/>`)
  .join("");
const faint = Array.from({ length: 9 }, (_, i) =>
  letter("ecnetnes derorrim a", { x: 10, y: 30 + 34 * i, size: 26, fill: "#e3dfd8", font: serif }),
).join("");

const pictures: Readonly<Record<string, () => Uint8Array>> = {
  // Photographs of paper and of a board: shading, noise, perspective.
  "A-photo-window-light.jpg": () =>
    jpeg(
      grain(
        shade(tilt(paper("A", { font: serif, fill: "#1d2a55" }), 5, 0.3), (x, y) => 1 - 0.5 * x - 0.15 * y),
        6,
        1,
      ),
    ),
  "B-photo-vignette.jpg": () =>
    jpeg(
      grain(
        shade(
          paper("B", { x: 190, y: 110, size: 80, color: "#e8d9b0" }),
          (x, y) => 1 - 0.9 * ((x - 0.5) ** 2 + (y - 0.5) ** 2),
        ),
        5,
        2,
      ),
    ),
  "C-photo-lamp-red-marker.jpg": () =>
    jpeg(
      grain(
        shade(
          tilt(paper("C", { fill: "#c02028", style: bold }), -6, -0.2),
          (x, y) => 0.55 + 0.4 * Math.exp(-4 * ((x - 0.4) ** 2 + (y - 0.4) ** 2)),
        ),
        6,
        3,
      ),
    ),
  "D-photo-dim.jpg": () =>
    jpeg(
      grain(
        shade(paper("D", { font: mono, fill: "#444", style: bold }), (x, y) => 0.3 + 0.12 * y - 0.05 * x),
        7,
        4,
      ),
    ),
  "E-photo-blackboard.jpg": () =>
    jpeg(
      grain(
        shade(tilt(paper("E", { color: "#24402f", fill: "#e8eee4" }), 4, 0.25), (x) => 0.75 + 0.4 * x),
        6,
        5,
      ),
    ),
  // Scans.
  "F-scan-rim-and-dust.png": () =>
    png(
      draw(
        230,
        290,
        sheet(230, 290, "#fafafa") +
          `<rect width="14" height="290" fill="#262626"/>${dust}` +
          letter("F", { x: 80, y: 200, size: 140, font: serif }),
      ),
    ),
  "G-scan-small.jpg": () =>
    jpeg(paper("G", { width: 48, height: 64, x: 9, y: 46, size: 38, color: "#fff", font: serif }), 40),
  "H-scan-show-through.jpg": () =>
    jpeg(
      draw(
        300,
        320,
        sheet(300, 320, "#efece6") + faint + letter("H", { x: 70, y: 230, size: 190, fill: "#2b2622", font: serif }),
      ),
      70,
    ),
  // Screenshots.
  "I-screenshot-dark-mode.png": () =>
    png(
      draw(
        260,
        200,
        `${sheet(260, 200, "#1e1e1e")}<rect width="260" height="24" fill="#3c3c3c"/><circle cx="14" cy="12" r="5" fill="#ff5f57"/>` +
          letter("I", { x: 95, y: 160, size: 110, fill: "#d4d4d4", font: serif }),
      ),
    ),
  "J-screenshot-framed.png": () =>
    png(
      draw(
        220,
        160,
        `<rect x="0.5" y="0.5" width="219" height="159" fill="#fff" stroke="#888"/>` +
          letter("J", { x: 150, y: 90, size: 60, fill: "#1a73e8", style: bold }),
      ),
    ),
  // Transparent.
  "A-transparent-black.png": () => png(draw(128, 128, letter("A", { x: 24, y: 108, size: 110, style: bold }))),
  "B-transparent-white.png": () =>
    png(draw(128, 128, letter("B", { x: 26, y: 106, size: 110, fill: "#fff", font: serif }))),
  // Turned by EXIF: the pixels lie on their side or their head.
  "C-exif-turned-right.jpg": () =>
    oriented(jpeg(turned(paper("C", { width: 240, height: 240, x: 60, font: serif, style: bold }), 1)), 6),
  "D-exif-upside-down.jpg": () => oriented(jpeg(turned(paper("D", { width: 240, height: 240, x: 60 }), 2)), 3),
  "J-exif-turned-left-dark.jpg": () =>
    oriented(
      jpeg(
        turned(
          paper("J", { width: 240, height: 240, x: 90, y: 170, color: "#101418", fill: "#ffd9a0", font: serif }),
          3,
        ),
      ),
      8,
    ),
  // Colors: as light as each other, and light on dark.
  "E-red-on-green.png": () => png(paper("E", { color: "#00a000", fill: "#ff2a2a", style: bold })),
  "F-yellow-on-blue.jpg": () => jpeg(paper("F", { color: "#12208a", fill: "#ffe84a" })),
  // Off centre, wide, WebP.
  "G-far-corner.png": () =>
    png(paper("G", { width: 600, height: 400, x: 520, y: 380, size: 70, color: "#fff", style: bold })),
  "H-wide.png": () =>
    png(paper("H", { width: 600, height: 100, x: 400, y: 85, size: 90, color: "#444", fill: "#eee", font: mono })),
  "I-photo.webp": () =>
    webp(
      grain(
        shade(paper("I", { font: serif, style: bold }), (_x, y) => 0.9 - 0.4 * y),
        5,
        6,
      ),
    ),
};

/** A square picture by quarter turns to the left. */
function turned(picture: Rgba, quarters: number): Rgba {
  if (quarters === 0) return picture;
  const { width: n, data } = picture;
  const pixels = new Uint8Array(data.length);
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++)
      pixels.set(data.subarray((x * n + n - 1 - y) * 4, (x * n + n - y) * 4), (y * n + x) * 4);
  return turned({ width: n, height: n, data: pixels }, quarters - 1);
}

for (const [name, make] of Object.entries(pictures)) writeFileSync(new URL(name, import.meta.url), make());
