import { InklingError } from "../../base/error.ts";
import { sizeOf } from "../../base/shape.ts";
import { type GoldenVector, METADATA_VERSION } from "../exportable.ts";
import { decodeGolden, readSection, sections } from "./sections.ts";
import { WasmClassifier } from "./wasmClassifier.ts";

/**
 * Opens an exported module, with its golden vectors. Throws `UNSUPPORTED` if this engine cannot run it, `UNKNOWN_FORMAT`
 * if Inkling did not export it, and `INVALID_DATA` if it is damaged.
 */
export function openWasm(bytes: Uint8Array): {
  readonly classifier: WasmClassifier;
  readonly golden: readonly GoldenVector[];
} {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    throw new InklingError(
      "UNSUPPORTED",
      `WebAssembly file: this engine cannot run it: ${(cause as Error).message}; it is damaged, or needs relaxed SIMD`,
      { cause },
    );
  }
  if (!readSection(module, sections.metadata))
    throw new InklingError("UNKNOWN_FORMAT", "WebAssembly file: it has no metadata of Inkling's");
  try {
    const classifier = new WasmClassifier(module);
    const { formatVersion, input, classes } = classifier.metadata;
    if (formatVersion !== METADATA_VERSION)
      throw new InklingError(
        "UNKNOWN_FORMAT",
        `WebAssembly file: the version of its metadata is ${formatVersion}, this Inkling reads ${METADATA_VERSION}; update Inkling`,
      );
    const golden = readSection(module, sections.golden);
    return { classifier, golden: golden ? decodeGolden(golden, sizeOf(input), classes.length) : [] };
  } catch (cause) {
    if (cause instanceof InklingError) throw cause;
    throw new InklingError(
      "INVALID_DATA",
      `WebAssembly file: it is damaged (${(cause as Error).message}); export the model again`,
      { cause },
    );
  }
}
