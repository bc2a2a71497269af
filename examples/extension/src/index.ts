/** An extension of Inkling. Importing it registers what it adds. */
export { digits } from "./digits.ts";
export { type HardSwishConfig, hardSwish, hardSwishOp } from "./hardSwish.ts";
export { type InverseTimeDecayConfig, inverseTimeDecay } from "./inverseTimeDecay.ts";
export { type SignumConfig, signum } from "./signum.ts";
