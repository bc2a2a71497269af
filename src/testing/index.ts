/**
 * Tests of extensions, for any runner: each function gives a list of tests, `{ name, run }`.
 *
 * @module inkling/testing
 */
export { availableBackends } from "./backends.ts";
export { type OpTestOptions, opTests } from "./opTests.ts";
export type { Test } from "./test.ts";
