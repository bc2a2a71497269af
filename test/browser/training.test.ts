import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, Site, type Trained } from "./site.ts";

const training = { steps: 100 };

describe.skipIf(!chromiumPath)("in Chromium, if there is one: the recipe lenet", () => {
  const site = new Site();
  let node: Trained;
  beforeAll(async () => {
    await site.make();
    node = await site.trainInNode({ ...training, threads: 1 });
  }, 300_000);
  afterAll(() => site.remove());

  it("trains to Node's weights on Web Workers of a page that is cross-origin isolated", async () => {
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
});
