import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { printable, quotation } from "../../src/base/printable.ts";
import { readPicture } from "../../src/cli/predict/pictures.ts";
import { parseModel } from "../../src/index.node.ts";

it("text from files cannot move the cursor, or change the direction of text", () => {
  expect(printable("a\x1b[2Jb\u202egnp.exe\u2069é")).toBe("a\\x1b[2Jb\\u{202e}gnp.exe\\u{2069}é");
});

it("quotations are cut and escaped", () => {
  expect(quotation("x".repeat(81))).toBe(`${"x".repeat(80)}…`);
  const long = "y".repeat(1_000_000);
  const thrown = (json: object): string => {
    try {
      parseModel(json);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  for (const message of [
    thrown({ formatVersion: 1, input: long, classes: ["a", "b"], layers: [] }),
    thrown({
      formatVersion: 1,
      input: [8, 8, 1],
      classes: ["a", "b"],
      layers: [{ type: "flatten" }],
      [`\u202e${long}`]: 1,
    }),
  ]) {
    expect(message).toContain("…");
    expect(message.length).toBeLessThan(600);
    expect(message).not.toContain("\u202e");
  }
});

it.skipIf(!existsSync("/dev/zero"))("a device is not read as a picture", async () => {
  await expect(readPicture("/dev/zero")).rejects.toThrow(
    "it is a device, a pipe or a socket, expected a file; copy what it gives to a file",
  );
});
