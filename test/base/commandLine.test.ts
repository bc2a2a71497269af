import { expect, it } from "vitest";
import { commandLine } from "../../src/base/commandLine.ts";

it.each([
  ["runs/a#best", "runs/a#best"],
  ["#1.png", "'#1.png'"],
  ["my data.zip", "'my data.zip'"],
  ["it's", "'it'\\''s'"],
  ["", "''"],
])("quotes %j for a shell as %s", (word, quoted) => expect(commandLine(["inkling", word])).toBe(`inkling ${quoted}`));
