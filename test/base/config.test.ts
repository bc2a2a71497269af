import * as v from "valibot";
import { expect, it } from "vitest";
import { count, parseConfig } from "../../src/base/config.ts";

const schema = v.strictObject({
  type: v.literal("relu"),
  units: count,
  mode: v.picklist(["same", "valid"]),
  names: v.array(v.string()),
  nested: v.strictObject({ on: v.boolean() }),
});
const right = { type: "relu", units: 1, mode: "same", names: ["a"], nested: { on: true } };

it.each([
  [{ type: "relo" }, 'x: type is "relo", expected "relu"'],
  [{ units: 0 }, "x: units is 0, expected a whole number of at least 1"],
  [{ mode: "full" }, 'x: mode is "full", expected "same" or "valid"'],
  [{ names: "a" }, 'x: names is "a", expected a list'],
  [{ names: [1] }, "x: names.0 is 1, expected a string"],
  [{ nested: 1 }, "x: nested is 1, expected an object"],
  [{ nested: { on: "yes" } }, 'x: nested.on is "yes", expected true or false'],
  [{ nested: {} }, "x: nested.on is missing"],
  [{ other: 1 }, "x: other is not an option; options are type, units, mode, names, nested"],
])("settings with %j are refused with what was expected", (changes, message) => {
  expect(() => parseConfig(schema, { ...right, ...changes }, "x")).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message }),
  );
});

it("refuses what is not an object", () => {
  expect(() => parseConfig(schema, 3, "x")).toThrow("x is 3, expected an object");
});

it("looks no further than to the first fault", () => {
  let looked = 0;
  const item = v.custom<number>(() => ++looked < 0, "a number");
  const list = v.strictObject({ list: v.array(v.union([item, v.strictTuple([item])], "a number")) });
  expect(() => parseConfig(list, { list: Array(1000).fill(1) }, "x")).toThrow("x: list.0 is 1, expected a number");
  expect(looked).toBe(1);
});
