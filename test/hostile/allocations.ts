import { thrownBy } from "./faults.ts";

/** Allocations of fewer bytes than this are not counted. */
const SMALLEST = 256;

const typedArrays = [
  ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"],
  ...["Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"],
] as const;
const PAGE = 65536;

type Globals = Record<string, new (...args: readonly unknown[]) => object>;
type Statics = Record<string, (...args: readonly unknown[]) => unknown>;

/**
 * Runs work while the n-th allocation of memory for data fails as engines report it: arrays, buffers, the memory of networks,
 * and instances of WebAssembly. Later ones succeed. Returns how many there were, and what was thrown.
 */
export async function withoutMemory(at: number, work: () => Promise<unknown>) {
  let allocations = 0;
  const claim = (bytes: number, message: string) => {
    if (bytes >= SMALLEST && ++allocations === at) {
      throw new RangeError(message);
    }
  };
  const restore: (() => void)[] = [];
  const replace = <T extends object>(target: T, name: keyof T, by: unknown) => {
    const original = target[name];
    target[name] = by as T[keyof T];
    restore.push(() => {
      target[name] = original;
    });
  };
  /** Claims what a constructor will allocate. */
  const watch = (target: object, name: string, bytesOf: (args: readonly unknown[]) => number, message: string) => {
    const original = (target as Globals)[name]!;
    const construct = (made: typeof original, args: readonly unknown[], of: typeof original) => {
      claim(bytesOf(args), message);
      return Reflect.construct(made, args, of === watched ? made : of);
    };
    const watched: typeof original = new Proxy(original, { construct });
    replace(target as Globals, name, watched);
  };

  const failed = "Array buffer allocation failed";
  const lengthOf = (of: unknown): number =>
    typeof of === "number" ? of : of instanceof ArrayBuffer ? 0 : ((of as ArrayLike<unknown> | undefined)?.length ?? 0);
  for (const name of typedArrays) {
    const size = globalThis[name as "Uint8Array"].BYTES_PER_ELEMENT;
    watch(globalThis, name, ([of]) => size * lengthOf(of), failed);
  }
  for (const name of ["ArrayBuffer", "SharedArrayBuffer"]) watch(globalThis, name, ([n]) => lengthOf(n), failed);
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const { slice } = prototype;
  replace(prototype, "slice", function (this: Uint8Array, ...range: readonly number[]) {
    const part = this.subarray(...range);
    claim(part.byteLength, failed);
    return slice.call(part);
  });
  const statics = Buffer as unknown as Statics;
  for (const name of ["alloc", "allocUnsafe", "from", "concat"]) {
    const original = statics[name]!;
    const bytesOf = (of: unknown) =>
      name === "concat" ? (of as readonly Uint8Array[]).reduce((sum, { length }) => sum + length, 0) : lengthOf(of);
    replace(statics, name, (...args: readonly unknown[]) => {
      claim(bytesOf(args[0]), failed);
      return original.apply(Buffer, [...args]);
    });
  }
  const memory = "could not allocate memory";
  const pages = ([of]: readonly unknown[]) => (of as WebAssembly.MemoryDescriptor).initial * PAGE;
  watch(WebAssembly, "Memory", pages, `WebAssembly.Memory(): ${memory}`);
  const out = "Out of memory: Cannot allocate Wasm memory for new instance";
  watch(WebAssembly, "Instance", () => PAGE, `WebAssembly.Instance(): ${out}`);
  for (const name of ["compile", "instantiate"] as const) {
    const original = WebAssembly[name] as unknown as (...args: unknown[]) => Promise<unknown>;
    replace(WebAssembly, name, async (...args: unknown[]) => {
      claim(PAGE, `WebAssembly.${name}(): ${out}`);
      return original(...args);
    });
  }

  const error = await thrownBy(work);
  for (const undo of restore.reverse()) undo();
  return { allocations, error };
}
