import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { affine, plus } from "../../src/ir/affine.ts";
import { add, constant, elementwise, load, max, min, mul, one, zero } from "../../src/ir/build.ts";
import type { Value, View } from "../../src/ir/types.ts";
import { at } from "../../src/ir/view.ts";
import type { Op } from "../../src/ops/op.ts";
import { relu } from "../../src/ops/relu.ts";
import { softmaxCrossEntropy } from "../../src/ops/softmaxCrossEntropy.ts";
import { tanh } from "../../src/ops/tanh.ts";
import { opTests } from "../../src/testing/index.ts";

// The suite must find these faults, each of which is planted in a correct op.

const clamped = (x: Value, limit: number): Value => max(constant(-limit), min(constant(limit), x));

/** The messages of the failing tests of an op. */
async function failures(op: Op): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { run } of opTests(op, { backends: [interpretBackend], draws: 3 }))
    try {
      await run();
    } catch (error) {
      found.push((error as Error).message);
    }
  return found;
}

const sound = (op: unknown): Op => op as Op;
const [rectifier, tangent, loss] = [relu, tanh, softmaxCrossEntropy].map(sound) as [Op, Op, Op];
const doubled: Op = {
  ...rectifier,
  forward: ({ x }, y) => [elementwise(y, (i) => mul(constant(2), load(at(x!, ...i))))],
  backward: { x: (_t, _y, dy, dx) => [elementwise(dx, (i) => mul(constant(2), load(at(dy, ...i))))] },
  reference({ x }, _shapes, y) {
    x!.forEach((value, i) => {
      y[i] = 2 * value;
    });
  },
  samples: [{ shapes: { x: [3, 4] }, attrs: {} }],
};

/** y = x², whose gradient needs x. */
const squared: Op = {
  ...doubled,
  forward: ({ x }, y) => [elementwise(y, (i) => mul(load(at(x!, ...i)), load(at(x!, ...i))))],
  backward: {
    x: ({ x }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), mul(constant(2), load(at(x!, ...i)))))],
  },
  reference({ x }, _shapes, y) {
    x!.forEach((value, i) => {
      y[i] = value * value;
    });
  },
};

/** The same nests, after which an element of a view is another. */
const alsoWrites = (view: View) => elementwise(view, (i) => add(one, load(at(view, ...i))));

describe("the conformance suite", () => {
  it.each([
    ["relu", rectifier],
    ["tanh", tangent],
    ["softmaxCrossEntropy", loss],
    ["2x", doubled],
    ["x²", squared],
  ])("passes a sound %s", async (_, op) => {
    expect(await failures(op)).toEqual([]);
  });

  const faults: readonly (readonly [string, Op, RegExp])[] = [
    [
      "values beyond 1 that are clamped",
      { ...doubled, forward: ({ x }, y) => [elementwise(y, (i) => mul(constant(2), clamped(load(at(x!, ...i)), 1)))] },
      /^y: \[\d+\] is -?2, expected/,
    ],
    [
      "values beyond 10 that are clamped",
      { ...doubled, forward: ({ x }, y) => [elementwise(y, (i) => mul(constant(2), clamped(load(at(x!, ...i)), 10)))] },
      /^y: \[\d+\] is -?20, expected/,
    ],
    [
      "a gradient that is clamped",
      {
        ...doubled,
        backward: { x: (_t, _y, dy, dx) => [elementwise(dx, (i) => mul(constant(2), clamped(load(at(dy, ...i)), 1)))] },
      },
      /^gradient of x: the slope along a random direction is/,
    ],
    [
      "a gradient that ignores what x is",
      { ...tangent, backward: { x: (_t, _y, dy, dx) => [elementwise(dx, (i) => load(at(dy, ...i)))] } },
      /^gradient of x: the slope along a random direction is/,
    ],
    [
      "null where there is a gradient",
      { ...doubled, backward: { x: null } },
      /^gradient of x: the rule is null, but the slope of y along a random direction is/,
    ],
    [
      "null where one of two inputs has a gradient",
      { ...loss, backward: { x: null, label: null } },
      /^gradient of x: the rule is null, but the slope of y along a random direction is/,
    ],
    [
      "identity where dx is not dy",
      { ...doubled, backward: { x: "identity" } },
      /^gradient of x: the slope along a random direction is/,
    ],
    [
      "a gradient at a kink that is not the stated one",
      { ...rectifier, samples: [{ shapes: { x: [1, 1] }, attrs: {}, values: { x: [0] }, gradient: { x: [1] } }] },
      /^gradient of x: \[0\] is 0, expected 1/,
    ],
    [
      "an element that is not written",
      {
        ...doubled,
        forward: ({ x }, y) => [elementwise({ ...y, shape: [3, 3] }, (i) => mul(constant(2), load(at(x!, ...i))))],
      },
      /^y: /,
    ],
    [
      "loops that do not begin with the samples",
      { ...doubled, forward: () => [], backward: { x: "constant" } },
      /^no nest has the axis n/,
    ],
    [
      "a rejected case that is not refused",
      { ...doubled, rejects: [{ shapes: { x: [3] }, attrs: {}, message: "2x: rank of x is 1" }] },
      /^nothing was thrown; expected an InklingError: 2x: rank of x is 1/,
    ],
    ["a rule that is missing", { ...doubled, backward: {} }, /backward has rules for no input, expected x/],
    [
      "a rule under another name",
      { ...doubled, backward: { X: doubled.backward["x"]! } },
      /^gradient of x: backward has no rule of that name; its rules are: X/,
    ],
    [
      "a kink without a stated gradient",
      { ...rectifier, samples: [{ shapes: { x: [1, 1] }, attrs: {}, values: { x: [0] } }] },
      /^gradient of x: .*; if a value is at a kink, state the `gradient` in the sample/,
    ],
    ["no samples", { ...doubled, samples: [] }, /has no samples/],
    [
      "values that are not as close as they could be",
      {
        ...tangent,
        forward: ({ x }, y) => [
          elementwise(y, (i) => max(constant(-0.9999), min(constant(0.9999), load(at(x!, ...i))))),
        ],
      },
      /^y: /,
    ],
    [
      "a kink at another place",
      { ...rectifier, forward: ({ x }, y) => [elementwise(y, (i) => min(constant(6), max(load(at(x!, ...i)), zero)))] },
      /^y: \[\d+\] is 6, expected/,
    ],
    [
      "a constant in place of a product",
      { ...doubled, forward: ({ x }, y) => [elementwise(y, (i) => mul(one, load(at(x!, ...i))))] },
      /^y: /,
    ],
  ];
  const images: readonly (readonly [string, Op, RegExp])[] = [
    [
      "a sample that reads the one before it",
      {
        ...doubled,
        forward: ({ x }, y) => [
          elementwise(y, ([n, c]) => add(load(at(x!, n!, c!)), load(at(x!, plus(n!, affine(-1)), c!)))),
        ],
        backward: { x: "constant" },
        reference({ x }, _shapes, y) {
          x!.forEach((value, i) => {
            y[i] = value + (x![i - 4] ?? 0);
          });
        },
      },
      /^sample 2 alone: y: \[0\] is .* a nest may only read its own sample/,
    ],
    [
      "a gradient that reads that of the sample after it",
      {
        ...doubled,
        forward: ({ x }, y) => [elementwise(y, (i) => load(at(x!, ...i)))],
        backward: {
          x: (_t, _y, dy, dx) => [
            elementwise(dx, ([n, c]) => add(load(at(dy, n!, c!)), load(at(dy, plus(n!, affine(1)), c!)))),
          ],
        },
      },
      /^sample 0 alone: gradient of x: /,
    ],
    [
      "samples that all read the first one",
      {
        ...doubled,
        forward: ({ x }, y) => [elementwise(y, ([n, c]) => add(load(at(x!, n!, c!)), load(at(x!, 0, c!))))],
        backward: { x: "constant" },
        reference({ x }, _shapes, y) {
          x!.forEach((value, i) => {
            y[i] = value + x![i % 4]!;
          });
        },
      },
      /^sample 2 alone: y: /,
    ],
    [
      "the number of samples of a tile taken for the batch size",
      {
        ...doubled,
        forward: ({ x }, y) => [elementwise(y, (i) => mul(load(at(x!, ...i)), constant(1 / x!.shape[0]!)))],
        backward: {
          x: (_t, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), constant(1 / dx.shape[0]!)))],
        },
        reference({ x }, _shapes, y) {
          x!.forEach((value, i) => {
            y[i] = value / 3;
          });
        },
      },
      /^sample 0 alone: y: /,
    ],
    ["samples of one image only", { ...doubled, samples: [{ shapes: { x: [1, 4] }, attrs: {} }] }, /batch of 1/],
  ];
  const accesses: readonly (readonly [string, Op, RegExp])[] = [
    [
      "scratch space that is to last until backward",
      {
        ...squared,
        scratch: ({ x }) => ({ twice: x! }),
        forward: (t, y, ...rest) => [
          elementwise(t["twice"]!, (i) => mul(constant(2), load(at(t["x"]!, ...i)))),
          ...squared.forward(t, y, ...rest),
        ],
        backward: {
          x: ({ twice }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), load(at(twice!, ...i))))],
        },
      },
      /^gradient of x: the slope along a random direction is NaN/,
    ],
    [
      "an input that is written over",
      { ...doubled, forward: (t, y, ...rest) => [...doubled.forward(t, y, ...rest), alsoWrites(t["x"]!)] },
      /^forward writes to x, which it may only read/,
    ],
    [
      "a gradient of y that is written over",
      {
        ...doubled,
        backward: {
          x: (_t, _y, dy, dx) => [elementwise(dx, (i) => mul(constant(2), load(at(dy, ...i)))), alsoWrites(dy)],
        },
      },
      /^the rule for x writes to dy, which it may only read/,
    ],
    [
      "null where the sample states a gradient",
      {
        ...doubled,
        backward: { x: null },
        samples: [{ shapes: { x: [2, 1] }, attrs: {}, gradient: { x: [2, 4] } }],
      },
      /^gradient of x: the sample states it, but backward has no rule for it/,
    ],
    [
      "a stated gradient with too many elements",
      { ...doubled, samples: [{ shapes: { x: [2, 1] }, attrs: {}, gradient: { x: [2, 4, 6] } }] },
      /^gradient of x: has 2 elements, expected 3/,
    ],
  ];
  it.each([...faults, ...images, ...accesses])("finds %s", async (_, op, message) => {
    const found = await failures(op);
    expect(found.join("\n")).not.toBe("");
    expect(found.some((failure) => message.test(failure))).toBe(true);
  });
});
