import { describe, test } from "node:test";
import { formatTests, layerTests, opTests, optimizerTests, scheduleTests, type Test } from "inkling/testing";
import { digits, exampleDecay, exampleSignum, exampleSwish, exampleSwishOp } from "inkling-extension-example";

const suites: Readonly<Record<string, readonly Test[]>> = {
  "the op exampleSwish": opTests(exampleSwishOp),
  "the layer exampleSwish": layerTests(exampleSwish(), {
    reference: (x) => x.map((value) => (value * Math.min(Math.max(value + 3, 0), 6)) / 6),
  }),
  exampleDecay: scheduleTests(exampleDecay(0.1, 100, 0.5), {
    reference: (step) => 0.1 / (1 + (0.5 * step) / 100),
  }),
  "exampleDecay in steps": scheduleTests(exampleDecay(0.1, 100, 0.5, { staircase: true }), {
    reference: (step) => 0.1 / (1 + 0.5 * Math.floor(step / 100)),
  }),
  exampleSignum: optimizerTests(exampleSignum(0.01, { weightDecay: 0.1 }), {
    reference({ w, dw, scalars, slots, weightDecay }) {
      const mean = 0.9 * slots["mean"]! + (1 - 0.9) * (dw + weightDecay * w);
      return { w: w - scalars.learningRate * Math.sign(mean), slots: { mean } };
    },
  }),
  "the format digits": formatTests(digits),
};

for (const [name, tests] of Object.entries(suites))
  describe(name, () => {
    for (const { name: title, run } of tests) test(title, run);
  });
