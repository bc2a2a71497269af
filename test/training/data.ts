import { philox, purposes } from "../../src/base/philox.ts";
import type { Dataset } from "../../src/datasets/index.ts";

/**
 * Images that a small network learns in a few steps: class k is a bright bar in row k of a noisy square. The
 * same numbers give the same images; another `stream` gives others.
 */
export function bars(count: number, { classes = 4, size = 8, stream = 0 } = {}): Dataset {
  const images = new Uint8Array(count * size * size);
  const labels = Uint16Array.from({ length: count }, (_, i) => i % classes);
  for (const [i, label] of labels.entries())
    for (let p = 0; p < size * size; p++) {
      const noise = philox([stream, purposes.test], [i, p, 1, 0])[0] & 127;
      images[i * size * size + p] = noise + (Math.floor((p * classes) / (size * size)) === label ? 128 : 0);
    }
  return {
    images,
    labels,
    imageShape: [size, size, 1],
    classNames: Array.from({ length: classes }, (_, k) => String.fromCharCode(65 + k)),
    provenance: { source: "bars", description: "bars for tests" },
    skipped: [],
  };
}
