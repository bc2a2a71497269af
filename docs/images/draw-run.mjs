/**
 * Draws docs/images/run.svg: the output of `npm start`, its accuracy and loss, and letters of the test split.
 *
 *     npm ci && npm run build && node docs/images/draw-run.mjs
 *
 * All but the speed in the last line is the same each time.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import { splitDataset } from "../../dist/index.js";
import { openDataset, openRun } from "../../dist/node.js";

const cli = fileURLToPath(new URL("../../dist/bundle/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "inkling-"));
const { stdout, stderr } = spawnSync(process.execPath, [cli, "train", "letters"], { cwd: folder, encoding: "utf8" });
const run = join(folder, "runs", "lenet-letters-1");
const metrics = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n").map(JSON.parse);
const { result } = JSON.parse(readFileSync(join(run, "run.json"), "utf8"));
const answers = await answersOf(run);
rmSync(folder, { recursive: true });

const color = {
  page: "#0d1320",
  panel: "#131b2c",
  rule: "#26324a",
  text: "#d7dfee",
  quiet: "#8290ab",
  accent: "#5fe0c0",
  warm: "#f6b756",
  wrong: "#ff7b86",
};
const [WIDTH, HEIGHT] = [1120, 640];
const mono = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace";
const sans = "system-ui, Segoe UI, Roboto, DejaVu Sans, sans-serif";

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const text = (x, y, content, { fill = color.text, size = 13, font = sans, weight = 400, anchor = "start" } = {}) =>
  `<text x="${x}" y="${y}" fill="${fill}" font-size="${size}" font-family="${font}" font-weight="${weight}" text-anchor="${anchor}" xml:space="preserve">${escaped(content)}</text>`;
const panel = (x, y, width, height) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" fill="${color.panel}" stroke="${color.rule}"/>`;

/** The beginning and the end of what the command prints. */
function terminal(x, y, width, height) {
  const lines = stdout.trim().split("\n");
  const notes = stderr.trim().split("\n");
  const shown = [
    { line: "$ npm ci && npm start", fill: color.accent },
    { line: lines[0] },
    { line: notes.find((line) => line.startsWith("Training on")), fill: color.quiet },
    ...lines.slice(1, 9).map((line) => ({ line })),
    { line: "⋮", fill: color.quiet },
    ...lines.slice(-4, -1).map((line) => ({ line })),
    { line: lines.at(-1), weight: 700, fill: color.accent },
    { line: notes.at(-1), fill: color.quiet },
  ];
  const dots = ["#ff5f57", "#febc2e", "#28c840"].map(
    (fill, k) => `<circle cx="${x + 20 + 18 * k}" cy="${y + 19}" r="5.5" fill="${fill}"/>`,
  );
  const body = shown.map(({ line, ...style }, k) =>
    text(x + 18, y + 62 + 20.5 * k, line, { size: 12, font: mono, ...style }),
  );
  return [panel(x, y, width, height), ...dots, ...body].join("\n");
}

/** One quantity by steps, with lines at some values. */
function plot(x, y, width, height, { title, values, most, ticks, format, stroke }) {
  const [left, right, top, bottom] = [x + 58, x + width - 24, y + 46, y + height - 30];
  const across = (step) => left + ((right - left) * step) / metrics.at(-1).step;
  const up = (value) => bottom - ((bottom - top) * Math.min(value, most)) / most;
  const grid = ticks.flatMap((value) => [
    `<line x1="${left}" x2="${right}" y1="${up(value)}" y2="${up(value)}" stroke="${color.rule}"/>`,
    text(left - 10, up(value) + 4, format(value), { fill: color.quiet, size: 11, anchor: "end" }),
  ]);
  const steps = [0, 250, 500, 750, 1000].map((step) =>
    text(across(step), bottom + 18, step === 0 ? "step 0" : `${step}`, {
      fill: color.quiet,
      size: 11,
      anchor: "middle",
    }),
  );
  const points = values.map((value, k) => `${across(metrics[k].step).toFixed(1)},${up(value).toFixed(1)}`);
  const area = `<polygon points="${left},${bottom} ${points.join(" ")} ${right},${bottom}" fill="${stroke}" fill-opacity="0.12"/>`;
  const line = `<polyline points="${points.join(" ")}" fill="none" stroke="${stroke}" stroke-width="2.5" stroke-linejoin="round"/>`;
  return [
    panel(x, y, width, height),
    text(x + 18, y + 27, title, { weight: 600 }),
    ...grid,
    ...steps,
    area,
    line,
    `<circle cx="${points.at(-1).split(",")[0]}" cy="${points.at(-1).split(",")[1]}" r="4" fill="${stroke}"/>`,
  ].join("\n");
}

/** A row of test images, each with what the network said. */
function letters(x, y, title, images) {
  const size = 38;
  const tiles = images.map(({ pixels, label, answer }, k) => {
    const at = (x + k * 46.4).toFixed(1);
    const image = `<image x="${at}" y="${y + 12}" width="${size}" height="${size}" href="data:image/png;base64,${png(pixels).toString("base64")}"/>`;
    const said = answer === label ? { fill: color.accent } : { fill: color.wrong };
    return `${image}${text(Number(at) + size / 2, y + 68, answer, { ...said, size: 13, weight: 600, anchor: "middle" })}`;
  });
  return [text(x, y, title, { fill: color.quiet, size: 12 }), ...tiles].join("\n");
}

/** A gray image of 28×28 as a PNG file: signature, header, one zlib stream of unfiltered rows, end. */
function png(pixels) {
  const header = Buffer.from([0, 0, 0, 28, 0, 0, 0, 28, 8, 0, 0, 0, 0]);
  const rows = Array.from({ length: 28 }, (_, row) => Buffer.from([0, ...pixels.subarray(row * 28, (row + 1) * 28)]));
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(data.length, 0);
    numbers.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.concat(rows), { level: 9 });
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

/** The test images in their order, and what the run's model says of each. */
async function answersOf(path) {
  const data = await openDataset("letters");
  const { trained, config } = await openRun(path);
  const found = [];
  for (const row of splitDataset(data, { seed: config.seed }).test) {
    const pixels = data.images.subarray(row * 784, (row + 1) * 784);
    const { label: answer } = await trained.predict(pixels);
    found.push({ pixels, label: data.classNames[data.labels[row]], answer });
  }
  return found;
}

const wrong = answers.filter(({ label, answer }) => label !== answer);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Output of npm start, its accuracy and loss by step, and test letters with the network's answers">
<rect width="${WIDTH}" height="${HEIGHT}" rx="14" fill="${color.page}"/>
${terminal(20, 20, 580, 424)}
${plot(616, 20, 484, 240, {
  title: "Validation accuracy",
  values: metrics.map(({ accuracy }) => accuracy),
  most: 1,
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: (share) => `${100 * share} %`,
  stroke: color.accent,
})}
${plot(616, 276, 484, 168, {
  title: "Minibatch loss",
  values: metrics.map(({ minibatchLoss }) => minibatchLoss),
  most: 5,
  ticks: [0, 1, 2, 3, 4, 5],
  format: (loss) => `${loss}`,
  stroke: color.warm,
})}
${panel(20, 460, 1080, 160)}
${letters(40, 486, "The first test letters, and what the network says", answers.slice(0, 11))}
${letters(574, 486, `Some of the ${wrong.length} of ${answers.length.toLocaleString("en-US")} that it gets wrong`, wrong.slice(0, 11))}
${text(40, 598, `Test accuracy ${(100 * result.test.accuracy).toFixed(1)} %, on letters of font families that it never saw while training`, { size: 14, weight: 600 })}
</svg>
`;
writeFileSync(fileURLToPath(new URL("run.svg", import.meta.url)), svg);
