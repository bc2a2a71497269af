import { describe, expect, it } from "vitest";
import { InklingError, type PrepareOptions } from "../../src/index.ts";
import { type Preparation, preparePicture, resizeOnly } from "../../src/pictures/index.ts";
import { grayPicture } from "./pictures.ts";

const letters: Preparation = { background: "dark", crop: true, fit: "stretch", margin: 0, center: "box" };
const digits: Preparation = { background: "dark", crop: true, fit: "contain", margin: 0.25, center: "mass" };

const inBar = (x: number, y: number) => x >= 30 && x < 40 && y >= 20 && y < 60;
/** An upright bar of 10 × 40 pixels in 100 × 80. */
const bar = (ink: number, paper: number) => grayPicture(100, 80, (x, y) => (inBar(x, y) ? ink : paper));
const prepared = (picture: Parameters<typeof preparePicture>[0], how = letters, options?: PrepareOptions) =>
  preparePicture(picture, [8, 8, 1], how, options);
const rows = ({ image }: ReturnType<typeof prepared>) =>
  Array.from({ length: image.height }, (_, y) => [...image.pixels.subarray(y * image.width, (y + 1) * image.width)]);

describe("preparing a picture", () => {
  it("crops dark ink on paper, turns it light on dark, and stretches it", () => {
    const { image, steps } = prepared(bar(20, 240));
    expect(image).toEqual({ width: 8, height: 8, channels: 1, pixels: new Uint8Array(64).fill(255) });
    expect(steps).toEqual([
      "100 × 80 pixels (width × height)",
      "cropped to the ink, 10 × 40 pixels",
      "dark on light, judging by its border, 220 gray levels apart: inverted",
      "shading and noise removed, contrast stretched to the full range",
      "stretched to 8 × 8",
    ]);
  });

  it("sees the same in light ink on a board, in low contrast and in shade", () => {
    const shaded = grayPicture(100, 80, (x, y) => (inBar(x, y) ? 0.3 : 1) * (200 - x - (y * y) / 100));
    const expected = prepared(bar(20, 240)).image;
    expect(prepared(bar(230, 30)).image).toEqual(expected);
    expect(prepared(bar(120, 150)).image).toEqual(expected);
    const seen = prepared(shaded).image.pixels;
    expect(Math.min(...seen)).toBeGreaterThan(190);
  });

  it("keeps proportions and centres where the training images do", () => {
    const seen = rows(prepared(bar(20, 240), digits));
    // 4 of 8 rows, and a quarter of that across: a column that lies left or right of the middle.
    expect(seen.map((row) => row.filter((p) => p > 128).length)).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
    expect(seen[3]!.findIndex((p) => p > 128)).toBeOneOf([3, 4]);
  });

  it("makes dark ink on light for training images that are so", () => {
    const seen = rows(prepared(bar(230, 30), { ...digits, background: "light" }));
    expect(seen[0]).toEqual(new Array(8).fill(255));
    expect(Math.min(...seen[3]!)).toBe(0);
  });

  it("takes colors that are equally light apart", () => {
    const data = new Uint8Array(100 * 80 * 3);
    for (let i = 0; i < 8000; i++) data.set(inBar(i % 100, Math.floor(i / 100)) ? [255, 0, 0] : [0, 130, 0], i * 3);
    const { image, steps } = prepared({ width: 100, height: 80, data });
    expect(image.pixels).toEqual(new Uint8Array(64).fill(255));
    expect(steps).toContain("converted to gray by its red channel, which has more contrast than luma");
  });

  it.each([0, 255])("lays a shape of gray %i on what it is seen on", (gray) => {
    const data = new Uint8Array(100 * 80 * 2);
    for (let i = 0; i < 8000; i++) data.set([gray, inBar(i % 100, Math.floor(i / 100)) ? 255 : 0], i * 2);
    const { image, steps } = prepared({ width: 100, height: 80, data });
    expect(image.pixels).toEqual(new Uint8Array(64).fill(255));
    expect(steps).toContain(`composited onto ${gray === 0 ? "white" : "black"}, because parts of it are transparent`);
  });

  it("leaves out dust, and a dark rim at the edge", () => {
    const dusty = grayPicture(100, 80, (x, y) => (inBar(x, y) || x < 5 || (x === 90 && y === 70) ? 10 : 240));
    expect(prepared(dusty).steps).toContain("cropped to the ink, 10 × 40 pixels");
  });

  it("only resizes an even picture", () => {
    const { image, steps } = prepared(grayPicture(50, 50, () => 77));
    expect(image.pixels).toEqual(new Uint8Array(64).fill(77));
    expect(steps).toContain("no ink found: the picture is uniform, so it is neither inverted nor cropped");
  });

  it("takes a picture of the model's size as it is, unless it is told to prepare it", () => {
    const own = grayPicture(8, 8, (x, y) => (x > 3 && y > 3 ? 10 : 240));
    expect(prepared(own).image.pixels).toEqual(own.data);
    expect(prepared(own, letters, { prepare: "always" }).image.pixels).toEqual(new Uint8Array(64).fill(255));
  });

  it("does each step as it is told", () => {
    const never = prepared(bar(20, 240), letters, { prepare: "never" });
    expect(never.steps).toEqual(["100 × 80 pixels (width × height)", "stretched to 8 × 8"]);
    expect(rows(prepared(bar(20, 240), letters, { polarity: "keep" }))[0]).toEqual(new Array(8).fill(0));
    expect(Math.max(...prepared(bar(20, 240), letters, { polarity: "invert" }).image.pixels)).toBe(255);
    expect(prepared(bar(20, 240), letters, { crop: false }).image.pixels[0]).toBe(0);
    expect(prepared(bar(20, 240), resizeOnly).image.pixels[0]).toBe(240);
    const contained = rows(prepared(bar(20, 240), letters, { fit: "contain" }));
    expect(contained[0]!.filter((p) => p > 128)).toHaveLength(2);
  });

  it("keeps the colors of a model that sees them", () => {
    const data = new Uint8Array(100 * 80 * 4).fill(255);
    for (let i = 0; i < 8000; i++) if (inBar(i % 100, Math.floor(i / 100))) data.set([200, 30, 40], i * 4);
    const { image } = preparePicture({ width: 100, height: 80, data }, [8, 8, 3], { ...letters, background: "any" });
    expect([...image.pixels.subarray(0, 3)]).toEqual([200, 30, 40]);
  });

  it.each([
    [{ margin: 0.5 }, "prepare: margin is 0.5, expected a fraction of the side, at least 0 and below 0.5"],
    [{ polarity: "up" }, 'prepare: polarity is "up", expected "auto", "keep" or "invert"'],
    [{ turn: 1 }, "prepare: turn is not an option"],
  ])("refuses %j", (options, message) => {
    expect(() => prepared(bar(0, 255), letters, options as PrepareOptions)).toThrow(message);
  });

  it("refuses what is not a picture", () => {
    const wrong = () => prepared({ width: 3, height: 3, data: new Uint8Array(10) });
    expect(wrong).toThrow(InklingError);
    expect(wrong).toThrow("picture: it has 10 bytes for a height of 3, a width of 3 and unstated channels");
    expect(() => prepared({ width: 0, height: 3, data: new Uint8Array(0) })).toThrow("picture: it is (3, 0)");
  });
});
