import { printHead } from "./print.ts";
import type { Kernel } from "./types.ts";
import { verifyLanes } from "./verify/lanes.ts";
import { verifyRegisters } from "./verify/registers.ts";
import { type Fail, verifyScopes } from "./verify/scopes.ts";

/**
 * Throws an Error if a kernel is not well formed, which is a bug in the compiler or in an op. It checks
 *
 * - names and indices: axes and variables are bound once on each path, indices stay inside views;
 * - types;
 * - registers: each is written before it is read;
 * - vector loops: lanes are independent, and load and store adjacent elements.
 */
export function verify(kernel: Kernel): void {
  const fail: Fail = (s, problem) => {
    throw new Error(`kernel ${kernel.name}: ${problem}\n  in: ${printHead(s)}`);
  };
  verifyScopes(kernel, fail);
  verifyRegisters(kernel, fail);
  verifyLanes(kernel, fail);
}
