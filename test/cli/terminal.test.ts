import { expect, it, vi } from "vitest";
import { printable, printableLines } from "../../src/base/printable.ts";
import { createTerminal } from "../../src/cli/terminal.ts";

it("prints control characters of names by their numbers, on every line", () => {
  expect(printable("A/\x1b[31mé\n\x9b2J.png")).toBe("A/\\x1b[31mé\\x0a\\x9b2J.png");
  expect(printableLines("\x1b[1mbold\x1b[0m\n\x1b]0;title\x07")).toBe("\x1b[1mbold\x1b[0m\n\\x1b]0;title\\x07");
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    createTerminal().note("  \x1b[2J.png: damaged");
    expect(written.mock.calls).toEqual([["  \\x1b[2J.png: damaged\n"]]);
  } finally {
    written.mockRestore();
  }
});
