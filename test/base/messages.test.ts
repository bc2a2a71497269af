import { describe, expect, it } from "vitest";
import { InklingError, message, optionRef } from "../../src/base/error.ts";
import { didYouMean, nearest } from "../../src/base/nearest.ts";
import { explain } from "../../src/cli/explain.ts";

describe("a message that refers to options", () => {
  const error = new InklingError(
    "INVALID_DATA",
    message`images differ: use ${optionRef("resize", [28, 20])}, or ${optionRef("split.keepTogether", "none")} with ${optionRef("layers")} of ${3}`,
  );

  it("calls them as the library does", () => {
    expect(error.message).toBe('images differ: use resize: [28, 20], or split.keepTogether: "none" with layers of 3');
  });

  it("calls them by their flags on the command line, also where another error quotes it", () => {
    const flags = "images differ: use --resize 28x20, or --keep-together none with layers of 3";
    expect(explain(error)).toBe(flags);
    const outer = new InklingError("INVALID_DATA", `a.zip: ${error.message}; see $&`, { cause: error });
    expect(explain(outer)).toBe(`a.zip: ${flags}; see $&`);
    const outermost = new InklingError("INVALID_DATA", `${outer.message}\n  fetch it again`, { cause: outer });
    expect(explain(outermost)).toBe(`a.zip: ${flags}; see $&\n  fetch it again`);
  });

  it("lists several, each by its name", () => {
    const paths = ["seed", "split.test", "layers"];
    const differing = new InklingError("INVALID_ARGUMENT", message`${paths.map((path) => optionRef(path))} differ`);
    expect(differing.message).toBe("seed, split.test, layers differ");
    expect(explain(differing)).toBe("--seed, --test-size, layers differ");
  });
});

describe("the nearest name", () => {
  it("is not looked for among names of another length, which would take long", () => {
    const compared: string[] = [];
    const candidate = Object.assign(Object("lenet"), { toLowerCase: () => compared.push("lenet") && "lenet" });
    expect(nearest("y".repeat(1_000_000), [candidate])).toBe(undefined);
    expect(compared).toEqual([]);
  });

  const names = ["lenet", "fast", "inception", "best"];
  it.each([
    ["fsat", "fast"],
    ["lenet5", "lenet"],
    ["INCEPTION", "inception"],
    ["resnet50", undefined],
    ["", undefined],
  ])("of %j is %j", (typed, found) => {
    expect(nearest(typed, names)).toBe(found);
    expect(didYouMean(typed, names)).toBe(found === undefined ? "" : ` (did you mean ${found}?)`);
  });
});
