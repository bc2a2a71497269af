import { afterAll, beforeAll, expect, it } from "vitest";
import { type CommandLine, commandLine } from "../runs/cli.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli.remove());

it("a search in several processes finds what one process finds, also after it was killed", async () => {
  const command = (out: string, workers: number) => [
    ...["search", "bars.inkling", "--recipe", "small.mjs", "--steps", "30", "--space", "learning-rate=log:0.001..0.1"],
    ...["--trials", "4", "--workers", String(workers), "--out", out, "--json"],
  ];
  const one = await cli.inkling(command("one", 1));
  expect(one.code, one.stderr).toBe(0);
  const { trials, best, test } = JSON.parse(one.stdout);
  expect(trials).toHaveLength(4);
  await cli.inkling(command("two", 2), (child) => {
    // It is killed at its first result, while another trial is trained.
    child.stderr!.on("data", (chunk) => /Trial +\d+:/.test(String(chunk)) && child.kill("SIGKILL"));
  });
  const refused = await cli.inkling(["search", "--resume", "two"]);
  expect(refused.stderr).toContain('add --load "small.mjs"');
  const two = await cli.inkling(["search", "--resume", "two", "--load", "small.mjs", "--workers", "2", "--json"]);
  expect(two.code, two.stderr).toBe(0);
  const found = JSON.parse(two.stdout);
  expect({ trials: found.trials, test: found.test }).toEqual({ trials, test });
  expect(found.best.weightsSha256).toBe(best.weightsSha256);
  expect(two.stderr).toContain("inkling search --resume two --load small.mjs --trials 8");
  expect(found.next.map(({ command }: { readonly command?: string }) => command)).toContain(
    "inkling search --resume two --load small.mjs --confirm 5",
  );
});
