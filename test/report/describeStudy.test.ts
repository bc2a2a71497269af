import { describe, expect, it } from "vitest";
import { describeFlattery } from "../../src/report/describeFlattery.ts";
import { describeFindings } from "../../src/report/describeStudy.ts";
import { nextSteps } from "../../src/report/nextSteps.ts";
import { choice, logUniform, parseSpace, real } from "../../src/training/space/parameter.ts";
import { studyOf } from "./study.ts";

const space = parseSpace({
  learningRate: logUniform(0.001, 1, { default: 0.5 }),
  momentum: real(0, 0.9),
  batchSize: choice(16, 8),
});

describe("what a study has found, in words", () => {
  it("names what matters, and how far off the recipe's value is", () => {
    const [gain, matters, rate, ...more] = describeFindings(studyOf(space, 100));
    expect(gain).toMatch(/^The best trial is \d+\.\d points above the recipe's own values\.$/);
    expect(matters).toMatch(/^learningRate matters most for being among the best \(\d+ %/);
    expect(rate).toMatch(/^The recipe's learningRate of 0\.5 is 8\.3 times too high for batch 16: /);
    expect(more.at(-1)).toBe("10 trials of 100 failed, such as by diverging.");
  });

  it("says nothing about parameters that few trials, or only chance, speak for", () => {
    expect(describeFindings(studyOf(space, 15))).toHaveLength(2);
    const level = studyOf(space, 100, () => 0.9);
    expect(describeFindings(level)[0]).toBe("No trial is better than the recipe's own values.");
    const close = describeFindings(studyOf(space, 10, ({ momentum }) => 0.9 + Number(momentum) / 1000));
    expect(close[0]).toMatch(/may be chance on 1,000 validation images/);
  });

  it("says how much the search flatters its winner", () => {
    const study = studyOf(space, 20, () => 0.95);
    expect(describeFlattery(study)).toMatch(/91\.0 % on average instead of 95\.0 %: .* by 4\.0 points\.$/);
    expect(describeFlattery({ ...study, confirmed: [0.96] })).toMatch(/does not flatter its winner\.$/);
    expect(describeFlattery({ ...study, confirmed: [] })).toMatch(
      /^95\.0 % is the best of 18 scores, and so partly luck/,
    );
  });

  it("suggests a wider range where the best values are at its end, and to leave out what does not matter", () => {
    const texts = nextSteps(studyOf(space, 200, ({ momentum }) => Number(momentum) ** 40)).map(({ text }) => text);
    expect(texts).toContain("Widen the range of momentum: the best values are at its upper end.");
    const bounded = parseSpace({ ...space, momentum: real(0, 0.9, { default: 0.9 }) });
    const whole = nextSteps(studyOf(bounded, 200, ({ momentum }) => Number(momentum) ** 40));
    expect(whole.some(({ text }) => text.startsWith("Widen the range of momentum"))).toBe(false);
    expect(texts.some((text) => /^Leave .*out of the next study/.test(text))).toBe(true);
    const fresh = nextSteps({ ...studyOf(space, 10), isDone: false, confirmed: [] });
    expect(fresh.map(({ command }) => command)).toEqual([
      "inkling search --resume studies/one",
      "inkling search --resume studies/one --confirm 5",
    ]);
  });
});
