/**
 * Tests of extensions, for any runner: each function gives a list of tests, `{ name, run }`, such as for
 * `for (const { name, run } of opTests(hardSwish)) test(name, run)` in vitest or `node:test`.
 *
 * @module inkling/testing
 */
export { availableBackends } from "./backends.ts";
export { type FormatTestOptions, formatTests } from "./formatTests.ts";
export { type InitializerTestOptions, initializerTests } from "./initializerTests.ts";
export { type LayerTestOptions, layerTests } from "./layerTests.ts";
export { type OpTestOptions, opTests } from "./opTests.ts";
export { type OptimizerTestOptions, optimizerTests, type UpdateNumbers } from "./optimizerTests.ts";
export { type ScheduleTestOptions, scheduleTests } from "./scheduleTests.ts";
export type { Test } from "./test.ts";
