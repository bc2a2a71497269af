import type { GoldenVector } from "../exportable.ts";

/** The custom sections of an exported module: metadata as JSON, golden vectors, and code with relaxed multiply-adds. */
export const sections = { metadata: "inkling", golden: "inkling.golden", relaxed: "inkling.relaxed" } as const;

/** The contents of a custom section; undefined if the module does not have it. */
export function readSection(module: WebAssembly.Module, name: string): ArrayBuffer | undefined {
  return WebAssembly.Module.customSections(module, name)[0];
}

/** Golden vectors one after the other: the label (u32), the pixels [H,W,C], and the logits [K] (f32), little-endian. */
export function encodeGolden(golden: readonly GoldenVector[]): Uint8Array {
  const bytes = new Uint8Array(
    golden.reduce((sum, { pixels, logits }) => sum + 4 + pixels.length + 4 * logits.length, 0),
  );
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { label, pixels, logits } of golden) {
    view.setUint32(at, label, true);
    bytes.set(pixels, at + 4);
    at += 4 + pixels.length;
    for (const value of logits) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

/** Reads what {@link encodeGolden} wrote for images of `pixelCount` bytes and K classes. */
export function decodeGolden(section: ArrayBuffer, pixelCount: number, classes: number): readonly GoldenVector[] {
  const view = new DataView(section);
  const size = 4 + pixelCount + 4 * classes;
  return Array.from({ length: Math.floor(section.byteLength / size) }, (_, i) => {
    const pixels = new Uint8Array(section, i * size + 4, pixelCount);
    const logits = Float32Array.from({ length: classes }, (_, k) =>
      view.getFloat32(i * size + 4 + pixelCount + 4 * k, true),
    );
    return { label: view.getUint32(i * size, true), pixels, logits };
  });
}
