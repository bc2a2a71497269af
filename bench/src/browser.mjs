import { createJiti } from "jiti";
import { median, speedup } from "./measure.mjs";
import { describe, formatRate, machine, publish, table } from "./report.mjs";

/**
 * Training of the recipe `lenet` in a real Chromium beside Node's WebAssembly: `npm run browser`. The page and what
 * serves it are those of test/browser.
 */
const ROUNDS = 5;
const STEPS = 3000;

/** @type {typeof import("../../test/browser/site.ts")} */
const { chromiumPath, Site } = await createJiti(import.meta.url).import("../../test/browser/site.ts");
if (!chromiumPath) {
  console.error("No Chromium: apt-get install chromium, or put one in PATH.");
  process.exit(1);
}

const on = machine();
const site = new Site();
await site.make();
const isolated = await site.serve({ isolated: true });
const plain = await site.serve({ isolated: false });
const two = { steps: STEPS, threads: 2 };
const one = { steps: STEPS, threads: 1 };
const settings = [
  { name: "Node", threads: 2, train: () => site.trainInNode(two) },
  { name: "Chromium, isolated: the page's Web Workers", threads: 2, train: () => site.train(isolated, two) },
  { name: "Node", threads: 1, train: () => site.trainInNode(one) },
  {
    name: "Chromium, isolated: one Web Worker",
    threads: 1,
    train: () => site.train(isolated, one, { inWorker: true }),
  },
  {
    name: "Chromium, not isolated: one Web Worker",
    threads: 1,
    train: () => site.train(plain, one, { inWorker: true }),
  },
];

/** @type {import("../../test/browser/site.ts").Trained[][]} */
const rounds = settings.map(() => []);
for (let round = 0; round < ROUNDS; round++)
  for (const [k, { train }] of settings.entries()) rounds[k].push(await train());
const version = site.browserVersion;
await site.remove();

const [{ weightsSha256 }] = rounds[0];
const rates = rounds.map((all) => all.map(({ imagesPerSecond }) => imagesPerSecond));
const markdown = [
  `${describe(on)}; Chromium ${version}`,
  table(
    ["Training in WebAssembly, recipe `lenet`, batch 16", "Threads", "Images/s", "Of Node's rate", "Weights"],
    settings.map(({ name, threads }, k) => {
      const node = settings.findIndex((other) => other.name === "Node" && other.threads === threads);
      const same = rounds[k].every((round) => round.weightsSha256 === weightsSha256);
      if (!same) process.exitCode = 1;
      const cells = [name, `${threads}`, formatRate(median(rates[k]))];
      return [...cells, speedup(rates[k], rates[node]).toFixed(2), same ? "Node's" : "differ"];
    }),
  ),
].join("\n\n");
publish("browser", markdown, {
  machine: on,
  chromium: version,
  steps: STEPS,
  settings: settings.map(({ name }) => name),
  rounds,
});
