import { describe, expect, it } from "vitest";
import { philox, purposes } from "../../src/base/philox.ts";
import { evaluatePage } from "../../src/report/pages/evaluate/evaluatePage.tsx";
import { shownPictures } from "../../src/report/pages/evaluate/shownPictures.ts";
import { pictureStrips } from "../../src/report/pictureStrips.ts";
import { decodeImage } from "../image/decoded.ts";
import { bars } from "../training/data.ts";
import { evaluationOf } from "./evaluation.ts";

const hostile = `</script><img src=x onerror=alert(1)>`;

describe("the page of an evaluation", () => {
  it("escapes names, and has one style and one script, without inline styles and handlers", () => {
    const data = {
      ...bars(40),
      classNames: ["A", hostile, "C", "D"],
      names: Array.from({ length: 40 }, () => hostile),
    };
    const html = evaluatePage(evaluationOf(data, hostile));
    expect(html).not.toContain(hostile);
    expect(html).not.toContain("<img src=x");
    expect(html.match(/<style/g)).toHaveLength(1);
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html.replaceAll(/<script[\s\S]*?<\/script>/g, "")).not.toMatch(/<[^>]* (on\w+|style)=/);
  });

  it("is made of what is there", () => {
    const { report, answered, model, reproduction } = evaluationOf(bars(12), "bars");
    const html = evaluatePage({ subject: "x", source: "y", report, answered, model, reproduction });
    const parts = [...html.matchAll(/<section class="part[^"]*" id="(\w+)"/g)].map((match) => match[1]);
    expect(parts).toEqual([
      ...["score", "confusion", "mistakes", "uncertain", "classes", "reliability", "coverage", "slices", "doubts"],
      ...["model", "origin"],
    ]);
  });

  it("of no images says so", () => {
    const { report, answered, model, reproduction } = evaluationOf(bars(0), "bars");
    expect(evaluatePage({ subject: "x", source: "y", report, answered, model, reproduction })).toContain(
      "There are no images to judge by.",
    );
  });

  it("stays below 5 MB for 10,000 images of noise", () => {
    const small = bars(100, { size: 28, classes: 10 });
    const data = evaluationOf(small, "noise");
    // Noise cannot be compressed, so that not all images fit.
    const noise = new Uint32Array(10_000 * 196).map((_, i) => philox([1, purposes.test], [i, 0, 9, 0])[0]);
    const dataset = {
      ...small,
      images: new Uint8Array(noise.buffer),
      labels: new Uint16Array(10_000).map((_, i) => i % 10),
    };
    const rows = dataset.labels.map((_, i) => i);
    const answers = rows.map((i) => (i % 50 === 0 ? 3 : i % 10));
    const confidences = Float64Array.from(rows, (i) => 1 - i / 20_000);
    const answered = { dataset, rows, answers, confidences };
    const html = evaluatePage({ ...data, answered });
    expect(html.length).toBeGreaterThan(3e6);
    expect(html.length).toBeLessThan(5e6);
    const { pictures, mistakes } = shownPictures(answered);
    expect(mistakes).toHaveLength(200);
    expect(pictures.rows.slice(0, 3)).toEqual([0, 50, 100]);
    expect(new Set(pictures.labels).size).toBe(10);
  });
});

it("strips hold the first images, at half a level of gray, in tiles below one another", () => {
  const { images } = bars(300, { size: 28 });
  const imageOf = (k: number) => ({
    width: 28,
    height: 28,
    channels: 1 as const,
    pixels: images.subarray(k * 784, k * 784 + 784),
  });
  const { side, perStrip, strips, count } = pictureStrips(300, imageOf, 1e9);
  expect([side, perStrip, strips.length, count]).toEqual([28, 146, 3, 300]);
  const strip = decodeImage(Buffer.from(strips[1]!.split(",")[1]!, "base64"));
  expect([strip.width, strip.height]).toEqual([28, 28 * 146]);
  const tile = strip.pixels.subarray(784, 1568);
  expect(Math.max(...Array.from(tile, (value, p) => Math.abs(value - images[147 * 784 + p]!)))).toBeLessThanOrEqual(4);
  expect(pictureStrips(300, imageOf, strips[0]!.length + 1).count).toBe(146);
});

it("a tile of an image that is not square continues its edges", () => {
  const pixels = Uint8Array.of(255, 0);
  const { side, strips } = pictureStrips(1, () => ({ width: 2, height: 1, channels: 1, pixels }), 1e9);
  const strip = decodeImage(Buffer.from(strips[0]!.split(",")[1]!, "base64"));
  expect(side).toBe(2);
  expect([...strip.pixels.subarray(0, 4)]).toEqual([255, 0, 255, 0]);
});
