import { setTimeout } from "node:timers/promises";
import type { Clock } from "./options.ts";

/** The machine's. */
export const clock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { ...(signal && { signal }) }),
};
