import { permutation } from "../../src/base/philox.ts";
import type { Dataset } from "../../src/datasets/index.ts";

/** A small data set for tests: `count` images of 3 × 2, classes in turn, bytes from a fixed generator. */
export function sample(count: number, classes = 3, groups?: Uint32Array): Dataset {
  return {
    images: Uint8Array.from(permutation(count * 6, 1, "test")),
    labels: Uint16Array.from({ length: count }, (_, i) => i % classes),
    imageShape: [3, 2, 1],
    classNames: Array.from({ length: classes }, (_, i) => String.fromCharCode(65 + i)),
    ...(groups && { groups }),
    provenance: { source: "test", description: "bytes for tests" },
    skipped: [{ name: "A/broken.png", reason: "empty" }],
  };
}
