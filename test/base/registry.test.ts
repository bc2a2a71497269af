import { describe, expect, it } from "vitest";
import { Registry } from "../../src/base/registry.ts";

const layers = () => new Registry<{ readonly type: string; readonly number?: number }>("layer", [{ type: "dense" }]);
const refuses = (act: () => unknown, code: string, message: string) =>
  expect(act).toThrow(expect.objectContaining({ name: "InklingError", code, message }));

describe("a registry", () => {
  it("finds what is built in, and what was added", () => {
    const registry = layers();
    registry.add({ type: "hardSwish", number: 1 } as { type: string });
    expect(registry.get("dense")).toEqual({ type: "dense" });
    expect(registry.get("hardSwish")).toEqual({ type: "hardSwish", number: 1 });
  });

  it("says how to load what it does not know", () => {
    refuses(
      () => layers().get("hardSwish"),
      "INVALID_MODEL",
      'unknown layer "hardSwish"; known layers: dense; if an extension defines it, import the extension first (on the command line: --load PACKAGE)',
    );
    expect(() => layers().get("toString")).toThrow(/unknown layer/);
    expect(() => layers().get(undefined)).toThrow(/unknown layer "undefined"/);
  });

  it("refuses a type that is taken, whether built in or added", () => {
    const registry = layers();
    registry.add({ type: "hardSwish" });
    for (const type of ["dense", "hardSwish"])
      refuses(
        () => registry.add({ type }),
        "INVALID_ARGUMENT",
        `layer "${type}" is already registered; choose another type, or load the extension only once`,
      );
  });

  it.each(["", "hard swish", "1st", "a.b", "ünicode"])("refuses %j, which is not a name", (type) => {
    expect(() => layers().add({ type })).toThrow(/its type must be a name of letters, digits and _/);
  });
});
