import { describe, expect, test } from "vitest";
import {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type InitializerConfig,
  initializerTypes,
  lecunNormal,
  normal,
  orthogonal,
  truncatedNormal,
  uniform,
} from "../../src/layers/initializers/index.ts";
import { type InitializerTestOptions, initializerTests } from "../../src/testing/index.ts";
import { unlisted, without } from "../testing/listed.ts";

// One suite for every initializer: the one that extensions use. Moments are those of the definitions, of a kernel of
// 144 inputs and 288 outputs a window, 32 channels.

const [fanIn, fanOut] = [9 * 16, 9 * 32];
/** The standard deviation of a normal distribution that is cut off at two of its standard deviations. */
const TRUNCATED = 0.87962566103423978;

const cases: Readonly<Record<string, readonly [InitializerConfig, InitializerTestOptions["moments"] & object]>> = {
  constant: [constant(0.5), { mean: 0.5, stddev: 0 }],
  glorotNormal: [glorotNormal(), { mean: 0, stddev: Math.sqrt(2 / (fanIn + fanOut)) }],
  glorotUniform: [glorotUniform(), { mean: 0, stddev: Math.sqrt(2 / (fanIn + fanOut)) }],
  heNormal: [heNormal(), { mean: 0, stddev: Math.sqrt(2 / fanIn) }],
  heUniform: [heUniform(), { mean: 0, stddev: Math.sqrt(2 / fanIn) }],
  lecunNormal: [lecunNormal(), { mean: 0, stddev: Math.sqrt(1 / fanIn) }],
  normal: [normal({ mean: 1, stddev: 0.5 }), { mean: 1, stddev: 0.5 }],
  // Its 32 columns of 144 elements have length 1.
  orthogonal: [orthogonal({ gain: 2 }), { mean: 0, stddev: 2 / Math.sqrt(fanIn) }],
  truncatedNormal: [truncatedNormal({ mean: 1, stddev: 0.5 }), { mean: 1, stddev: 0.5 * TRUNCATED }],
  uniform: [uniform({ minval: -1, maxval: 3 }), { mean: 1, stddev: 4 / Math.sqrt(12) }],
};

test("every initializer has a case here", () => {
  expect(without(cases, initializerTypes)).toEqual([]);
});

test("every initializer of a file is in the list of initializers", async () => {
  expect(await unlisted("layers/initializers", initializerTypes)).toEqual([]);
});

describe.each(Object.entries(cases))("%s", (type, [initializer, moments]) => {
  test("is of its type", () => expect(initializer.type).toBe(type));
  for (const { name, run } of initializerTests(initializer, { moments })) test(name, run);
});
