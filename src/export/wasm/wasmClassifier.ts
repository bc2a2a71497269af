import { parseJsonText } from "../../base/json.ts";
import type { ModelCalibration } from "../../evaluation/modelCalibration.ts";
import { imageBytes } from "../../evaluation/prediction.ts";
import type { Preparation } from "../../pictures/preparation.ts";
import { readSection, sections } from "./sections.ts";

/** What an exported module says about itself. */
export interface WasmMetadata {
  readonly formatVersion: number;
  readonly input: readonly [height: number, width: number, channels: number];
  readonly classes: readonly string[];
  readonly preparation: Preparation;
  readonly calibration?: ModelCalibration;
  readonly weightsSha256: string;
  readonly run?: string;
  readonly license?: string;
  /** Whether its own code has relaxed multiply-adds. */
  readonly relaxed: boolean;
}

/** What an exported module exports to its host. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly compute_logits: () => void;
  readonly pixels: WebAssembly.Global;
  readonly logits: WebAssembly.Global;
}

const instantiate = (module: WebAssembly.Module, imports?: WebAssembly.Imports): Exports =>
  new WebAssembly.Instance(module, imports).exports as unknown as Exports;

/** An exported module that runs here, with relaxed multiply-adds if it has code with them that the engine can run. */
export class WasmClassifier {
  readonly metadata: WasmMetadata;
  /** Whether the code that runs has relaxed multiply-adds. */
  readonly isRelaxed: boolean;
  readonly #pixels: Uint8Array;
  readonly #logits: Float32Array;
  readonly #compute: () => void;

  constructor(module: WebAssembly.Module) {
    this.metadata = parseJsonText(new TextDecoder().decode(readSection(module, sections.metadata))) as WasmMetadata;
    const { memory, compute_logits, pixels, logits } = instantiate(module);
    const [height, width, channels] = this.metadata.input;
    this.#pixels = new Uint8Array(memory.buffer, pixels.value, height * width * channels);
    this.#logits = new Float32Array(memory.buffer, logits.value, this.metadata.classes.length);
    const code = readSection(module, sections.relaxed);
    const relaxed = code && WebAssembly.validate(code) ? new WebAssembly.Module(code) : undefined;
    this.isRelaxed = this.metadata.relaxed || relaxed !== undefined;
    this.#compute = relaxed ? instantiate(relaxed, { env: { memory } }).compute_logits : compute_logits;
  }

  /** The logits [K] of one image, bytes [H,W,C]. Throws as {@link imageBytes} does. */
  logits(pixels: Uint8Array | Uint8ClampedArray): Float32Array {
    this.#pixels.set(imageBytes(pixels, this.metadata.input));
    this.#compute();
    return this.#logits.slice();
  }
}
