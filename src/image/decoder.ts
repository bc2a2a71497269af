import { concatBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { ranOutOfMemory } from "../base/memory.ts";

/** A decoded file: pixels [H, W, C], before the EXIF orientation is applied; 16-bit samples are little-endian. */
export interface DecodedFile {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly bytesPerSample: 1 | 2;
  readonly data: Uint8Array<ArrayBuffer>;
  /** What is wrong with a file that could be decoded in part; empty if nothing is. */
  readonly problem: string;
}

/** The exports of the module built in tools/decoder. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  /** Allocates memory for a file and returns its address, or 0 if there is not enough. */
  allocate(length: number): number;
  /**
   * Decodes a file and frees it. Returns the address of eight 32-bit integers: width, height, channels (0 on failure),
   * bytes per sample, address and length of the data, and address and length of a text that says what is wrong with the
   * file.
   */
  decode(file: number, length: number): number;
  /** Frees the decoded data. */
  release(): void;
}

/** An instance whose memory has grown beyond this is discarded, because WebAssembly memory never shrinks. */
const KEPT_BYTES = 2 ** 26;
const PAGE = 65536;

/** The error for a picture that is damaged; `reason` says how. */
export const damagedPicture = (reason: string, advice = "fetch or save it again", cause?: unknown): InklingError =>
  new InklingError("INVALID_DATA", `the picture is damaged: ${reason.trim()}; ${advice}`, { cause });

/**
 * Decodes picture files to the same pixels in Node and in every browser. The code runs in WebAssembly, which
 * also isolates malicious files from the rest of the program.
 */
export class Decoder {
  readonly #module: WebAssembly.Module;
  #exports: Exports | undefined;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /** Decodes a file. Throws `INVALID_DATA`, saying what is wrong with it, or `UNSUPPORTED` if memory does not suffice. */
  decode(file: Uint8Array): DecodedFile {
    try {
      this.#exports ??= new WebAssembly.Instance(this.#module).exports as unknown as Exports;
      return decodeBy(this.#exports, file);
    } catch (cause) {
      if (cause instanceof InklingError) throw cause;
      // After a trap the instance is in an undefined state.
      const failed = this.#exports;
      this.#exports = undefined;
      if (ranOutOfMemory(cause) || (failed && !mayGrow(failed.memory))) throw withoutMemory(file, cause);
      throw damagedPicture("decoding failed partway through", undefined, cause);
    } finally {
      if (this.#exports && this.#exports.memory.buffer.byteLength > KEPT_BYTES) this.#exports = undefined;
    }
  }
}

const withoutMemory = (file: Uint8Array, cause?: unknown): InklingError =>
  new InklingError(
    "UNSUPPORTED",
    `there is not enough memory to decode a picture of ${file.length} bytes; close other programs, or make it smaller`,
    { cause },
  );

/** Whether a memory could be twice as large: one that could not may be why the decoder has failed. */
function mayGrow(memory: WebAssembly.Memory): boolean {
  try {
    memory.grow(memory.buffer.byteLength / PAGE);
    return true;
  } catch {
    return false;
  }
}

function decodeBy({ memory, allocate, decode, release }: Exports, file: Uint8Array): DecodedFile {
  const address = allocate(file.length);
  if (address === 0) throw withoutMemory(file);
  new Uint8Array(memory.buffer, address, file.length).set(file);
  const decoded = decode(address, file.length);
  const [width, height, channels, bytesPerSample, at, length, problemAt, problemLength] = new Uint32Array(
    memory.buffer,
    decoded,
    8,
  );
  const data = new Uint8Array(memory.buffer, at!, length!).slice();
  const problem = new TextDecoder()
    .decode(new Uint8Array(memory.buffer, problemAt!, problemLength!))
    .replace(/\s+/g, " ");
  release();
  if (channels === 0)
    throw /not support/.test(problem)
      ? new InklingError("INVALID_DATA", `the picture cannot be decoded: ${problem}; convert it to PNG`)
      : damagedPicture(problem);
  return { width: width!, height: height!, channels, bytesPerSample, data, problem } as DecodedFile;
}

let loading: Promise<Decoder> | undefined;

/** Loads the decoder on first use. Throws `UNSUPPORTED` if the JavaScript engine lacks a WebAssembly feature it needs. */
export function loadDecoder(): Promise<Decoder> {
  loading ??= load().catch((cause: unknown) => {
    loading = undefined;
    throw new InklingError(
      "UNSUPPORTED",
      `the image decoder cannot be loaded here (${(cause as Error).message}); use letters or an .inkling file, which do not need it`,
      { cause },
    );
  });
  return loading;
}

async function load(): Promise<Decoder> {
  const { decoderModule } = await import("./decoderModule.ts");
  const text = atob(decoderModule);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < packed.length; i++) packed[i] = text.charCodeAt(i);
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts: Uint8Array[] = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  return new Decoder(await WebAssembly.compile(concatBytes(parts)));
}
