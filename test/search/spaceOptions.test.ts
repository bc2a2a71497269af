import { describe, expect, it } from "vitest";
import { StudyCommands } from "../../src/cli/search/printedCommands.ts";
import { spaceOf } from "../../src/cli/search/spaceOptions.ts";
import { choice, integer, logUniform, real } from "../../src/training/space/parameter.ts";

const own = { learningRate: logUniform(0.01, 1, { default: 0.2 }), kernelSize: choice(5, 3), depth: integer(1, 3) };
const space = (...given: readonly string[]) => spaceOf(own, given, "own");

describe("--space", () => {
  it("says what to vary, and how", () => {
    expect(spaceOf(own, undefined, "own")).toEqual(own);
    expect(space("learning-rate=log:0.1..10", "keep-probability=.3..1", "batch-size=16,32", "kernelSize")).toEqual({
      learningRate: logUniform(0.1, 10, { default: 0.2 }),
      keepProbability: real(0.3, 1),
      batchSize: choice(16, 32),
      kernelSize: choice(5, 3),
    });
    expect(space("kernelSize=1,3,5", "depth=int:1..9", "batch-size=log:8..256", "weight-decay=1e-5..1e-2")).toEqual({
      kernelSize: choice(5, 1, 3),
      depth: { ...integer(1, 9), default: 2 },
      batchSize: integer(8, 256, { log: true }),
      weightDecay: real(1e-5, 1e-2),
    });
    expect(space("winograd=true,false")).toEqual({ winograd: choice(true, false) });
  });

  it.each([
    ["lerning-rate=0.1..1", "lerning-rate is not what a search can vary (did you mean learning-rate?)"],
    ["seed=1..5", "seed is not what a search can vary"],
    ["weight-decay", "expected its values, such as weight-decay=0.1..1"],
    ["learning-rate=1..0.1", "expected LOW..HIGH"],
    ["learning-rate=0..1", "0 is not valid, expected a number above 0"],
    ["batch-size=0,8", "0 is not valid"],
    ["weight-decay=log:0..1", "above 0 on a logarithmic scale"],
    ["kernelSize=3,3", "different values"],
    ["", "it is not what a search can vary"],
  ])("refuses %s", (text, problem) => expect(() => space(text)).toThrow(problem));

  it("is needed for a recipe that does not say what to vary", () =>
    expect(() => spaceOf(undefined, undefined, "auto")).toThrow("auto does not say what to vary; say it with --space"));
});

describe("a printed command", () => {
  const training = {
    recipe: "lenet",
    origin: { source: "my data.tar.gz", resize: [28, 32], fixes: ["a.json", "b.json"] },
    overrides: { split: { test: 0.2 }, epochs: 3, parameters: { depth: 2 }, dropoutInValidation: true },
    backend: "wasm",
  };

  it("trains the winner", () =>
    expect(new StudyCommands("study", training, {}).train({ learningRate: 0.05, kernelSize: 3 }, 500)).toBe(
      "inkling train 'my data.tar.gz' --recipe lenet --learning-rate 0.05 --steps 500 --test-size 0.2 --validate-with-dropout --resize 28x32 --fixes a.json --fixes b.json --set depth=2 --set kernelSize=3",
    ));

  it("names extensions, a recipe that is a program, data that have moved, and a queue, but no password", () => {
    const given = { load: ["ext.ts", "own.ts"], source: "moved", queue: "redis://localhost" };
    const commands = new StudyCommands("my study", { ...training, recipe: "own.ts" }, given);
    expect(commands.train({}, 5)).toMatch(/^inkling train moved --recipe own\.ts .* --set depth=2 --load ext\.ts$/);
    expect(commands.verify).toBe("inkling search moved --verify 'my study' --load own.ts --load ext.ts");
    expect(commands.resume("--trials", "9")).toBe(
      "inkling search moved --resume 'my study' --load own.ts --load ext.ts --queue redis://localhost --trials 9",
    );
    for (const queue of [true, "rediss://:secret@localhost", "redis://localhost?password=secret"] as const)
      expect(new StudyCommands("study", training, { queue }).resume()).toBe("inkling search --resume study --queue");
  });
});
