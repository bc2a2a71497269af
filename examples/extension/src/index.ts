/** An extension of Inkling. Importing it registers what it adds. */
export { digits } from "./digits.ts";
export { type ExampleDecayConfig, exampleDecay } from "./exampleDecay.ts";
export { type ExampleSignumConfig, exampleSignum } from "./exampleSignum.ts";
export { type ExampleSwishConfig, exampleSwish, exampleSwishOp } from "./exampleSwish.ts";
