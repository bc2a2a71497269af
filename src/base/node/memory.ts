import { totalmem } from "node:os";
import process from "node:process";
import { provideMemory } from "../memory.ts";

/** Half of the machine's memory, or of what its container may use. */
const half = (): number => {
  const container = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(totalmem(), container) / 2);
};

/** Limits this process to half of the machine's memory, measured by its resident set. */
export const useMachineMemory = (): void => provideMemory({ budget: half(), used: () => process.memoryUsage.rss() });
