import type { Backend } from "../../backend.ts";
import { openLibrary } from "./library.ts";

/** A library's functions over a memory. */
export const nativeLoad: Backend["load"] = async ({ content, kernels }, memory) => {
  const library = openLibrary(content as string, memory);
  return new Map(kernels.map((name, k) => [name, library(k)]));
};
