import { describe, expect, it } from "vitest";
import { isDenied } from "../../tools/letters/excluded.ts";
import { faceName, facesOf, spread } from "../../tools/letters/faces.ts";

const files = (weights: readonly number[], styles: readonly string[]) =>
  weights.flatMap((weight) =>
    styles.flatMap((style) => [`x-latin-${weight}-${style}.woff`, `x-latin-ext-${weight}-${style}.woff`]),
  );
const all = [100, 200, 300, 400, 500, 600, 700, 800, 900];

describe("faces", () => {
  it("are the Latin ones, by weight, upright before italic", () => {
    expect(facesOf("x", files([700, 400], ["italic", "normal"])).map(faceName)).toEqual(["400", "400i", "700", "700i"]);
    expect(facesOf("x", ["x-cyrillic-400-normal.woff", "x-latin-400-normal.woff2"])).toEqual([]);
  });

  it("are chosen to differ most, the regular one among them", () => {
    const chosen = (faces: string[], most?: number) => spread(facesOf("x", faces), most).map(faceName);
    expect(chosen(files([400], ["normal"]))).toEqual(["400"]);
    expect(chosen(files([300, 500, 900], ["normal"]), 2)).toEqual(["300", "900"]);
    const many = files(all, ["normal", "italic"]);
    expect(chosen(many, 1)).toEqual(["400"]);
    expect(chosen(many, 2)).toEqual(["400", "900i"]);
    expect(chosen(many)).toHaveLength(6);
  });

  it("are of families of letters", () => {
    expect(["libre-barcode-39", "flow-block", "redacted-script", "noto-emoji", "material-icons"].every(isDenied)).toBe(
      true,
    );
    expect(["redaction-10", "noto-sans", "unifrakturcook", "great-vibes"].some(isDenied)).toBe(false);
  });
});
