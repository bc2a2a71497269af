import { describe, expect, it } from "vitest";
import { classificationMetrics, mostConfused } from "../../src/evaluation/index.ts";
import { describeClasses, describeConfusion } from "../../src/report/describeScore.ts";

const confusion = [
  [5, 1, 0, 0, 0],
  [2, 3, 1, 0, 0],
  [0, 0, 0, 0, 0],
  [1, 0, 0, 0, 0],
  [0, 0, 0, 0, 0], // neither a label nor an answer
];

describe("classificationMetrics", () => {
  // precision_recall_fscore_support of scikit-learn 1.7 on the same labels and answers, with zero_division=0.
  it("equals scikit-learn's, per class and on average", () => {
    const { classes, macro, weighted } = classificationMetrics(confusion);
    const column = (name: "precision" | "recall" | "f1") => classes.map((of) => Number(of[name].toFixed(8)));
    expect(column("precision")).toEqual([0.625, 0.75, 0, 0, 0]);
    expect(column("recall")).toEqual([0.83333333, 0.5, 0, 0, 0]);
    expect(column("f1")).toEqual([0.71428571, 0.6, 0, 0, 0]);
    expect(classes.map(({ count }) => count)).toEqual([6, 6, 0, 1, 0]);
    expect(classes.map(({ answered }) => answered)).toEqual([8, 4, 1, 0, 0]);
    const close = (found: typeof macro, expected: readonly number[]) => {
      for (const [i, name] of (["precision", "recall", "f1"] as const).entries())
        expect(found[name]).toBeCloseTo(expected[i]!, 12);
    };
    close(macro, [0.34375, 1 / 3, 0.32857142857142857]);
    close(weighted, [0.6346153846153846, 0.6153846153846154, 0.6065934065934065]);
  });

  it("is 0 where nothing was counted", () => {
    const none = { precision: 0, recall: 0, f1: 0 };
    expect(classificationMetrics([[0]])).toEqual({
      classes: [{ count: 0, answered: 0, ...none }],
      macro: none,
      weighted: none,
    });
  });
});

it("mostConfused lists mistakes, the most frequent first", () => {
  expect(mostConfused(confusion, 2)).toEqual([
    { label: 1, answer: 0, count: 2, share: 1 / 3 },
    { label: 0, answer: 1, count: 1, share: 1 / 6 },
  ]);
});

describe("a score on the terminal", () => {
  const names = ["cat", "dog", "cow", "hen", "yak"];
  const of = (classes: number) => {
    const names = Array.from({ length: classes }, (_, k) => `class with a long name ${k}`);
    const matrix = names.map((_, k) => names.map((_, j) => (j === k ? 100 : j === k + 1 ? k : 0)));
    return { names, matrix };
  };

  it("has a row for each class that occurs, and both averages", () => {
    expect(describeClasses(confusion, names)).toEqual([
      "class             precision  recall      F1  images",
      "cat                  62.5 %  83.3 %  71.4 %       6",
      "dog                  75.0 %  50.0 %  60.0 %       6",
      "cow                   0.0 %   0.0 %   0.0 %       0",
      "hen                   0.0 %   0.0 %   0.0 %       1",
      "macro average        34.4 %  33.3 %  32.9 %      13",
      "weighted average     63.5 %  61.5 %  60.7 %      13",
    ]);
  });

  it("lists the worst of many classes", () => {
    const { names, matrix } = of(300);
    const lines = describeClasses(matrix, names);
    expect(lines).toHaveLength(14);
    expect(lines[0]).toBe("The 10 of 300 classes with the lowest F1 (--json has all):");
    expect(lines[2]).toMatch(/^class with a long n…/);
  });

  it("has the confusion matrix with names, with numbers, or only its largest entries, as it fits", () => {
    expect(describeConfusion(confusion, names, 80)).toEqual([
      "Confusion matrix, true classes in rows, answers in columns:",
      "     cat  dog  cow  hen  yak",
      "cat    5    1    ·    ·    ·",
      "dog    2    3    1    ·    ·",
      "cow    ·    ·    ·    ·    ·",
      "hen    1    ·    ·    ·    ·",
      "yak    ·    ·    ·    ·    ·",
    ]);
    const ten = of(10);
    const numbered = describeConfusion(ten.matrix, ten.names, 80);
    expect(numbered[1]!.trim()).toMatch(/^1 +2 +3/);
    expect(numbered[2]).toMatch(/^ 1 class with a long n… +100 +·/);
    const many = of(300);
    const pairs = describeConfusion(many.matrix, many.names, 80);
    expect(pairs).toHaveLength(11);
    expect(pairs.slice(0, 2)).toEqual([
      "Most often confused, with the share of the class:",
      expect.stringMatching(/^class with a long n… taken for class with a long n… +298 +74\.9 %$/),
    ]);
    for (const line of [...pairs, ...numbered]) expect(line.length).toBeLessThanOrEqual(80);
    expect(describeConfusion(ten.matrix, ten.names, 60)[0]).toMatch(/^Most often/);
  });
});
