import type { Backend, Kernels, MemorySize } from "../backend.ts";
import { Bytes } from "./bytes.ts";
import { exportKind, op, section, simd, type } from "./opcodes.ts";

/** What the WebAssembly engine supports beyond 128-bit SIMD. */
export interface Features {
  /** `relaxed_madd`, with one rounding. */
  readonly fma: boolean;
}

/** The base-2 logarithm of the alignment, 4 bytes. */
const WORD_ALIGNED = 2;

/** Assembles the code of one function, with local variables by name. */
export class Assembler {
  readonly #code = new Bytes();
  readonly #locals = new Map<string, number>();
  readonly #types: number[] = [];
  readonly #parameters: number;

  /** `parameters` are the names of the first locals, which are of type i32. */
  constructor(parameters: readonly string[]) {
    this.#parameters = parameters.length;
    for (const name of parameters) this.#local(name, type.i32);
  }

  #local(name: string, valueType: number): number {
    const known = this.#locals.get(name);
    if (known !== undefined) return known;
    this.#types.push(valueType);
    this.#locals.set(name, this.#types.length - 1);
    return this.#types.length - 1;
  }

  get = (name: string, valueType: number): unknown =>
    this.#code.byte(op.localGet).unsigned(this.#local(name, valueType));
  set = (name: string, valueType: number): unknown =>
    this.#code.byte(op.localSet).unsigned(this.#local(name, valueType));
  tee = (name: string, valueType: number): unknown =>
    this.#code.byte(op.localTee).unsigned(this.#local(name, valueType));

  plain = (...bytes: readonly number[]): unknown => this.#code.byte(...bytes);
  i32 = (value: number): unknown => this.#code.byte(op.i32Const).signed(value);
  call = (index: number): unknown => this.#code.byte(op.call).unsigned(index);

  simd(code: number, ...immediates: readonly number[]): void {
    this.#code
      .byte(op.simd)
      .unsigned(code)
      .byte(...immediates);
  }
  /** A constant of four 32-bit words. */
  constant(words: Uint32Array): void {
    this.simd(simd.constant, ...new Uint8Array(words.buffer, words.byteOffset, 16));
  }
  /** A vector access to memory at the address on the stack plus `offset`, with an alignment hint of 4 bytes. */
  memory(code: number, offset: number, ...lane: readonly number[]): void {
    this.#code
      .byte(op.simd)
      .unsigned(code)
      .byte(WORD_ALIGNED)
      .unsigned(offset)
      .byte(...lane);
  }
  /** Loads a byte as an i32. */
  load8 = (offset: number): unknown => this.#code.byte(op.i32Load8, 0).unsigned(offset);

  /** Loads a float. */
  loadFloat = (offset: number): unknown => this.#code.byte(op.f32Load, WORD_ALIGNED).unsigned(offset);

  /** The body of the function, in the format of the code section. */
  body(): Uint8Array {
    const locals = this.#types.slice(this.#parameters);
    const body = new Bytes().unsigned(locals.length);
    for (const valueType of locals) body.byte(1, valueType);
    return body.append(this.#code.toArray()).byte(op.end).toArray();
  }
}

/** A function of a module, which takes `parameters` i32 values. */
export interface WasmFunction {
  readonly name: string;
  readonly exported: boolean;
  readonly parameters: number;
  /** Whether it returns an i32. Default: it returns nothing. */
  readonly returnsIndex?: boolean;
  readonly body: Uint8Array;
}

/** What a module has besides its functions. */
export interface WasmModule {
  readonly memory: MemorySize;
  /**
   * What its memory begins with. The module then has its memory to itself and exports it as `memory`; without it, the
   * module imports `env.memory`.
   */
  readonly data?: Uint8Array;
  /** Exported constants of type i32, by name. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Custom sections, by name. */
  readonly custom?: Readonly<Record<string, Uint8Array>>;
}

/** The 4 GiB that addresses can reach. A module must declare a maximum for a shared memory. */
const MOST_PAGES = 65536;

/** Assembles a module. */
export function assemble(
  functions: readonly WasmFunction[],
  { memory, data, constants = {}, custom = {} }: WasmModule,
): Uint8Array<ArrayBuffer> {
  const signature = ({ parameters, returnsIndex = false }: WasmFunction) => `${parameters} ${returnsIndex}`;
  const signatures = [...new Map(functions.map((f) => [signature(f), f])).values()];
  const exported = [...functions.entries()].filter(([, f]) => f.exported);
  const exports = [
    ...exported.map(([index, { name }]) => ({ name, kind: exportKind.function, index })),
    ...(data ? [{ name: "memory", kind: exportKind.memory, index: 0 }] : []),
    ...Object.keys(constants).map((name, index) => ({ name, kind: exportKind.global, index })),
  ];
  const module = new Bytes().byte(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
  const list = <T>(id: number, items: readonly T[], item: (bytes: Bytes, x: T) => unknown): void => {
    if (items.length === 0) return;
    const body = new Bytes().unsigned(items.length);
    for (const x of items) item(body, x);
    module.byte(id).sized(body.toArray());
  };
  list(section.types, signatures, (b, { parameters, returnsIndex }) =>
    b
      .byte(type.function)
      .sized(new Uint8Array(parameters).fill(type.i32))
      .sized(Uint8Array.from(returnsIndex ? [type.i32] : [])),
  );
  list(section.imports, data ? [] : [memory], (b, size) => limits(b.text("env").text("memory").byte(0x02), size));
  list(section.functions, functions, (b, f) =>
    b.unsigned(signatures.findIndex((known) => signature(known) === signature(f))),
  );
  list(section.memory, data ? [memory] : [], limits);
  list(section.globals, Object.values(constants), (b, value) =>
    b.byte(type.i32, IMMUTABLE, op.i32Const).signed(value).byte(op.end),
  );
  list(section.exports, exports, (b, { name, kind, index }) => b.text(name).byte(kind).unsigned(index));
  list(section.code, functions, (b, f) => b.sized(f.body));
  list(section.data, data ? [data] : [], (b, bytes) => b.byte(0x00, op.i32Const).signed(0).byte(op.end).sized(bytes));
  for (const [name, bytes] of Object.entries(custom))
    module.byte(section.custom).sized(new Bytes().text(name).append(bytes).toArray());
  return module.toArray();
}

const IMMUTABLE = 0x00;

const limits = (b: Bytes, { pages, shared }: MemorySize): unknown =>
  shared ? b.byte(0x03).unsigned(pages).unsigned(MOST_PAGES) : b.byte(0x00).unsigned(pages);

/** Instantiates an assembled module over a memory. */
export const wasmLoad: Backend["load"] = async ({ content, kernels }, memory): Promise<Kernels> => {
  const { exports } = await WebAssembly.instantiate(content as WebAssembly.Module, { env: { memory } });
  return new Map(kernels.map((name) => [name, exports[name] as (...axes: readonly number[]) => void]));
};
