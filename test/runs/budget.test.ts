import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { backend } from "../../src/backends/index.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { readRun } from "../../src/node.ts";
import { fitSteps } from "../../src/training/index.ts";
import { bars } from "../training/data.ts";
import { type CommandLine, commandLine } from "./cli.ts";

enableRelaxedSimd();
let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli.remove());

const training = ["train", "bars.inkling", "--recipe", "small.mjs"];
/** Far more than is needed for a step on any machine; early stopping ends the run. */
const LONG = ["--budget", "1h", "--validate-every", "5", "--early-stopping", "1"];

describe("inkling train --budget", () => {
  it("fits the steps and the schedule, records them, and is replayed and resumed by them", async () => {
    const { code, stdout, stderr } = await cli.inkling([...training, ...LONG, "--out", "hour", "--json"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/1 h 0 min is enough for about [\d,]+ steps on this machine, at [\d,]+ images\/s/);
    const { config } = await readRun(join(cli.folder, "hour"));
    expect(config.budget).toBe(3600);
    expect(config.steps).toBeGreaterThan(JSON.parse(stdout).steps);
    const replayed = await cli.inkling(["replay", "hour", "--json"]);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ same: true, steps: JSON.parse(stdout).steps });
    const longer = await cli.inkling(["train", "--resume", "hour", "--early-stopping", "2", "--json"]);
    expect(longer.code, longer.stderr).toBe(0);
    expect((await readRun(join(cli.folder, "hour"))).config).toMatchObject({ budget: 3600, steps: config.steps });
  });

  it.each([
    [["--budget", "5 years"], "argument '5 years' is invalid; expected a time, such as 90s, 5min or 1h."],
    [["--budget", "60s", "--steps", "5"], "option '--budget <time>' cannot be used with option '--steps <n>'"],
    [["--budget", "0.001s"], "budget: 0.001 seconds is too short for a single step with startup, validation and test"],
  ])("%j is refused", async (args, message) => {
    const { code, stderr } = await cli.inkling([...training, ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("fitSteps", () => {
  const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);

  it("measures steps and validations, and plans with both, the start and the test", async () => {
    const fit = await fitSteps(model, bars(100), 1000, { validateEvery: 10 });
    expect(fit.stepSeconds).toBeGreaterThan(0);
    expect(fit.validationSeconds).toBeGreaterThan(0);
    expect(fit.seconds).toBeGreaterThan(0);
    expect(fit.steps).toBeLessThan(1000 / (fit.stepSeconds + fit.validationSeconds / 10));
  });

  it("does not plan to compile again", async () => {
    const now = performance.now.bind(performance);
    let compiled = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => 10 * now() + compiled);
    const wasm = backend("wasm");
    const slow = new Proxy(wasm, {
      get(target, name) {
        compiled = 100_000;
        return Reflect.get(target, name);
      },
    });
    const fit = await fitSteps(model, bars(100), 1000, { validateEvery: 10, backend: slow });
    clock.mockRestore();
    expect(fit.seconds).toBeGreaterThan(100);
    expect(fit.steps * (fit.stepSeconds + fit.validationSeconds / 10)).toBeGreaterThan(0.95 * (1000 - 195));
  });
});
