import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { PortableRun, recipe, train } from "../../src/index.ts";
import { bars } from "./page/bars.js";
import { chromiumPath, Site, type Trained } from "./site.ts";

enableRelaxedSimd();
const training = { steps: 100 };

/** The page that docs/browser.md shows, with fewer steps. */
const pageOfDocs = (): string =>
  /```html\n([\s\S]*?)```/
    .exec(readFileSync(fileURLToPath(new URL("../../docs/browser.md", import.meta.url)), "utf8"))![1]!
    .replace("steps: 1001", "steps: 10");

describe.skipIf(!chromiumPath)("in Chromium, if there is one: the recipe lenet", () => {
  const site = new Site();
  let node: Trained;
  beforeAll(async () => {
    await site.make({ "docs.html": pageOfDocs() });
    node = await site.trainInNode({ ...training, threads: 1 });
  }, 300_000);
  afterAll(() => site.remove());

  it("trains to Node's weights, and has its scores, on Web Workers of a page that is cross-origin isolated", async () => {
    const address = await site.serve({ isolated: true });
    for (const threads of [1, 2, 3]) {
      const page = await site.train(address, { ...training, threads });
      expect(page).toEqual({ ...node, threads, imagesPerSecond: expect.any(Number) });
    }
  });

  it("trains to Node's weights in a worker that starts others", async () => {
    const address = await site.serve({ isolated: true });
    const page = await site.train(address, { ...training, threads: 2 }, { inWorker: true });
    expect(page).toEqual({ ...node, threads: 2, imagesPerSecond: expect.any(Number) });
  });

  it("trains to Node's weights on one thread of a page that is not isolated, and says why there are no more", async () => {
    const address = await site.serve({ isolated: false });
    for (const inWorker of [false, true]) {
      const page = await site.train(address, training, { inWorker });
      expect(page).toEqual({ ...node, imagesPerSecond: expect.any(Number) });
    }
    await expect(site.train(address, { ...training, threads: 2 })).rejects.toThrow("cross-origin isolation");
  });

  describe("in a worker of the library", () => {
    const short = { steps: 40, backend: "wasm" };
    const undisturbed = () => train(recipe("lenet"), bars(), short).result();
    let isolated: string;
    beforeAll(async () => {
      isolated = await site.serve({ isolated: true });
    });

    it("trains to Node's weights, a step at a time too, with a bundler and without one, isolated or not", async () => {
      const { weightsSha256 } = await undisturbed();
      const plain = Site.plain(await site.serve({ isolated: false }));
      for (const [address, threads] of [
        [isolated, 2],
        [Site.plain(isolated), 2],
        [plain, 1],
      ] as const)
        expect(await site.evaluate(address, "trainStepwise", { steps: 40, threads }), address).toEqual({
          kinds: expect.arrayContaining(["start", "validation", "progress", "checkpoint", "end"]),
          steps: [1, 2],
          checkpoints: [0, 1, 2],
          threads,
          weightsSha256,
          label: expect.stringMatching(/^[A-J]$/),
        });
    });

    it("goes on with a run of Node's to the same weights, and Node with one of a page's", async () => {
      const { weightsSha256 } = await undisturbed();
      const file = Buffer.from(
        await site.evaluate<string>(isolated, "stopAfter", 5, { steps: 40, threads: 1 }),
        "base64",
      );
      const saved = await PortableRun.open(new Uint8Array(file));
      expect(saved.checkpoint?.step).toBe(5);
      expect((await train(saved.model, bars(), saved.options).result()).weightsSha256).toBe(weightsSha256);
      const goneOn = await site.evaluate(Site.plain(isolated), "goOn", file.toString("base64"));
      expect(goneOn).toEqual({ from: 5, weightsSha256 });
    });

    it("is the page that the docs show", async () => {
      const page = await site.openPage(`${isolated}docs.html`);
      await page.waitForFunction(() => document.querySelector("#state")?.textContent?.includes("weights"));
      expect(await page.textContent("#state")).toMatch(/^0\.\d+, weights [0-9a-f]{64}$/);
      await page.close();
    });

    it("throws what the training throws", async () => {
      expect(await site.evaluate(isolated, "failing", { steps: 0 })).toMatch(/^INVALID_ARGUMENT: train: steps is 0/);
    });
  });
});
