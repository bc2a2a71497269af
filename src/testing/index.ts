/**
 * Tests of extensions for any test runner. Each function returns a list of tests, `{ name, run }`, to be used as in
 * `for (const { name, run } of opTests(hardSwish)) test(name, run)` with vitest or `node:test`.
 *
 * @module inkling/testing
 */
export { availableBackends } from "./backends.ts";
export { type FormatExample, type FormatTestOptions, formatTests } from "./formatTests.ts";
export { type InitializerTestOptions, initializerTests } from "./initializerTests.ts";
export { type LayerTestOptions, layerTests } from "./layerTests.ts";
export { type OpTestOptions, opTests } from "./opTests.ts";
export { type OptimizerTestOptions, optimizerTests, type UpdateNumbers, type UpdateRule } from "./optimizerTests.ts";
export { type ScheduleTestOptions, scheduleTests } from "./scheduleTests.ts";
export type { Test } from "./test.ts";
export { type TrainingTestOptions, trainingTests } from "./trainingTests.ts";
