type Kernel = (...axes: readonly number[]) => void;
type NativeKernel = (memory: Uint8Array, ...axes: readonly number[]) => void;

/** Opens a compiled library in this thread, over a memory: its kernels by number, in the order of `renderAddon`. */
export function openLibrary(path: string, { buffer }: WebAssembly.Memory): (kernel: number) => Kernel {
  const library: { readonly exports: Readonly<Record<number, NativeKernel>> } = { exports: {} };
  process.dlopen(library, path);
  const memory = new Uint8Array(buffer);
  return (k) => {
    const kernel = library.exports[k]!;
    return (...axes) => kernel(memory, ...axes);
  };
}
