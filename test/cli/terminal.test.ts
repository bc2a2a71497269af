import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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

describe("on a terminal", () => {
  const kept = { out: process.stdout.isTTY, err: process.stderr.isTTY, columns: process.stdout.columns };
  let written: Record<"out" | "err", string>;
  beforeEach(() => {
    written = { out: "", err: "" };
    const into = (name: "out" | "err") => (text: unknown) => {
      written[name] += String(text);
      return true;
    };
    vi.spyOn(process.stdout, "write").mockImplementation(into("out"));
    vi.spyOn(process.stderr, "write").mockImplementation(into("err"));
    for (const name of ["NO_COLOR", "FORCE_COLOR"]) vi.stubEnv(name, undefined);
    vi.stubEnv("TERM", "xterm");
  });
  afterEach(() => {
    [process.stdout.isTTY, process.stderr.isTTY] = [kept.out, kept.err];
    process.stdout.columns = kept.columns;
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  function write(where: { readonly out: boolean; readonly err: boolean }) {
    [process.stdout.isTTY, process.stderr.isTTY] = [where.out, where.err];
    const terminal = createTerminal();
    terminal.out(`${terminal.bold("a")} b`);
    terminal.note(terminal.dim("c"));
    terminal.picture(({ color }) => [color ? "colors" : "none"]);
    return written;
  }

  it("lines of prose are broken between words, below their start; rows of tables and commands are not", () => {
    const lines = (isTTY: boolean, ...all: readonly string[]) => {
      [process.stdout.isTTY, process.stdout.columns, written.out] = [isTTY, 24, ""];
      const terminal = createTerminal();
      for (const line of all) terminal.out(line);
      return written.out.split("\n").slice(0, -1);
    };
    const prose = "split        18 for training, 2 for the test";
    expect(lines(true, prose, "  a.png: damaged, and more than that")).toEqual([
      "split        18 for",
      "             training, 2",
      "             for the",
      "             test",
      "  a.png: damaged, and",
      "  more than that",
    ]);
    expect(lines(true, "\x1b[2mtwelve words at most\x1b[22m")).toEqual(["\x1b[2mtwelve words at most\x1b[22m"]);
    const kept = ["A  98.4 %  97.0 %  183 images", "  inkling train letters --steps 50", `${"f".repeat(30)} g`];
    expect(lines(true, ...kept.slice(0, 2))).toEqual(kept.slice(0, 2));
    expect(lines(true, kept[2]!)).toEqual(["f".repeat(30), "g"]);
    expect(lines(false, prose)).toEqual([prose]);
  });

  it("styles are for terminals, each stream for itself", () => {
    expect(write({ out: true, err: true })).toEqual({
      out: "\x1b[1ma\x1b[22m b\ncolors\n",
      err: "\x1b[2mc\x1b[22m\n",
    });
    written = { out: "", err: "" };
    expect(write({ out: true, err: false })).toEqual({ out: "\x1b[1ma\x1b[22m b\ncolors\n", err: "c\n" });
    written = { out: "", err: "" };
    expect(write({ out: false, err: true })).toEqual({ out: "a b\n", err: "\x1b[2mc\x1b[22m\n" });
  });

  it.each([
    ["NO_COLOR, which keeps pictures", { NO_COLOR: "1" }, "a b\nnone\n"],
    ["NO_COLOR, whatever FORCE_COLOR says", { NO_COLOR: "1", FORCE_COLOR: "1" }, "a b\nnone\n"],
    ["a dumb terminal, which has no pictures either", { TERM: "dumb" }, "a b\n"],
  ])("styles are not for %s", (_, env, out) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(write({ out: true, err: true })).toEqual({ out, err: "c\n" });
  });

  it("styles are not for files and programs, whatever FORCE_COLOR says; an empty NO_COLOR is none", () => {
    vi.stubEnv("FORCE_COLOR", "1");
    expect(write({ out: false, err: false })).toEqual({ out: "a b\n", err: "c\n" });
    vi.stubEnv("NO_COLOR", "");
    written = { out: "", err: "" };
    expect(write({ out: true, err: true }).out).toContain("\x1b[1ma");
  });
});
