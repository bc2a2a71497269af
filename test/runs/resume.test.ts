import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { conv2d, dense, dropout, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { adam, constantRate, sgd } from "../../src/optimizers/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runs/checkpointFile.ts";
import { type Checkpoint, type TrainOptions, train, weightsSha256 } from "../../src/training/index.ts";
import { bars } from "../training/data.ts";
import { followTraining } from "../training/followTraining.ts";

enableRelaxedSimd();
const spec = { input: [8, 8, 1], classes: [..."ABCD"] } as const;
const layers = (units = 4) => [conv2d(units, 3), relu(), dropout(0.25), flatten(), dense(4)];
const model = network(spec, layers());
const data = bars(100);
const base = {
  batchSize: 8,
  steps: 40,
  validateEvery: 10,
  checkpointEvery: 0,
  optimizer: sgd(0.1),
} satisfies TrainOptions;

/** What a training says, all the way. */
async function trained(options: TrainOptions = {}, of = model, on = data) {
  const { events, checkpoints, validations, result } = await followTraining(of, on, { ...base, ...options });
  const { weightsSha256, test, validation } = result;
  return { events, checkpoints, validations, end: { weightsSha256, test, validation } };
}

/** The checkpoint that is left where a training is stopped after some steps. */
async function stopAfter(step: number, options: TrainOptions = {}): Promise<Checkpoint> {
  const abort = new AbortController();
  let last: Checkpoint | undefined;
  const events = train(model, data, { ...base, ...options, signal: abort.signal });
  await expect(async () => {
    for await (const event of events) {
      if (event.type === "checkpoint") last = event.checkpoint;
      if (event.type === "progress" && event.step >= step) abort.abort();
    }
  }).rejects.toMatchObject({ code: "ABORTED" });
  return last!;
}

const optimizers = {
  sgd: sgd(0.1),
  momentum: sgd(0.02, { momentum: 0.9, nesterov: true }),
  "adam with averages and clipping": adam(0.01, { averageDecay: 0.9, clipNorm: 1 }),
};

describe("a resumed training", () => {
  it.each(Object.entries(optimizers))(
    "with %s ends as the undisturbed one, from every checkpoint",
    async (_, optimizer) => {
      const { checkpoints, validations, end } = await trained({ optimizer });
      expect(checkpoints.at(-1)!.step).toBe(40);
      for (const checkpoint of checkpoints) {
        const resume = await decodeCheckpoint(await encodeCheckpoint(checkpoint));
        const resumed = await trained({ optimizer, resume });
        expect(resumed.end).toEqual(end);
        expect(resumed.events[0]).toMatchObject({ type: "start", step: checkpoint.step, steps: 40 });
        // The validation of the checkpoint's own step is done again, so that none is missing.
        expect(resumed.validations).toEqual(validations.filter(({ step }) => step >= checkpoint.step - 1));
      }
    },
  );

  it("goes on from where an abort left it", async () => {
    const { end } = await trained();
    const resume = await stopAfter(13, { checkpointEvery: 1000 });
    expect(resume.step).toBeGreaterThanOrEqual(13);
    expect((await trained({ resume })).end).toEqual(end);
  });

  it("may have more steps than before, and ends as a training of that many", async () => {
    const { checkpoints } = await trained();
    const extended = await trained({ steps: 60, resume: checkpoints.at(-1)! });
    expect(extended.end).toEqual((await trained({ steps: 60 })).end);
  });

  it("gives the model of its end", async () => {
    const { checkpoints, end } = await trained();
    const run = train(model, data, { ...base, resume: checkpoints[1]! });
    expect(await weightsSha256((await run.model()).weights)).toBe(end.weightsSha256);
  });
});

describe("a checkpoint", () => {
  it("comes only after the last step where none is due before", async () => {
    const { checkpoints } = await trained({ checkpointEvery: 1000 });
    expect(checkpoints.map(({ step }) => step)).toEqual([40]);
  });

  it("holds copies, which further steps do not change", async () => {
    const { checkpoints } = await trained();
    const [first, second] = checkpoints;
    expect(first!.state).not.toEqual(second!.state);
  });

  it("is not made of numbers that are not finite", async () => {
    const checkpoints: Checkpoint[] = [];
    await expect(async () => {
      for await (const event of train(model, data, { ...base, optimizer: sgd(constantRate(1e30)) }))
        if (event.type === "checkpoint") checkpoints.push(event.checkpoint);
    }).rejects.toMatchObject({
      code: "NOT_FINITE",
      message: expect.stringMatching(/at step \d+: .*smaller learning rate/),
    });
    for (const { state } of checkpoints)
      for (const values of state.values()) expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe("a training refuses the checkpoint", () => {
  const refused = async (options: TrainOptions, code: string, message: RegExp, of = model, on = data) => {
    const resume = options.resume ?? (await stopAfter(5));
    await expect(trained({ ...options, resume }, of, on)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  };

  it("of other data", () =>
    refused(
      {},
      "INVALID_DATA",
      /data set has changed \(its fingerprint was \w{12}…, but is now \w{12}…\)/,
      model,
      bars(100, { stream: 1 }),
    ));
  it("of another model", () =>
    refused({}, "INVALID_DATA", /model\.layers\.0\.filters was 4, but is now 5/, network(spec, layers(5))));
  it("of another seed, batch and optimizer, naming all", () =>
    refused(
      { seed: 2, batchSize: 4, optimizer: sgd(0.2) },
      "INVALID_DATA",
      /batchSize was 8, but is now 4; optimizer\.learningRate\.\w+ was 0\.1, .*seed was 1, but is now 2/,
    ));
  it("of a split of other sizes", () =>
    refused({ split: { test: 20 } }, "INVALID_DATA", /split\.test was nothing, but is now 20/));
  it("of a split that kept less together, as those made before anything but groups was kept", async () => {
    const { identity, ...rest } = await stopAfter(5);
    const { keepTogether, ...sizes } = identity.split;
    expect(keepTogether).toBe("pixels");
    const before = { ...rest, identity: { ...identity, split: sizes } };
    const resume = await decodeCheckpoint(await encodeCheckpoint(before));
    await refused({ resume }, "INVALID_DATA", /split\.keepTogether was "groups", but is now "pixels"/);
    const { events } = await trained({ resume, split: { keepTogether: "groups" } });
    expect(events.at(-1)!.type).toBe("end");
  });
  it("of a test set that is not there now", async () => {
    const resume = await stopAfter(5, { test: bars(20, { stream: 2 }) });
    await refused({ resume }, "INVALID_DATA", /the test set has changed/);
  });
  it("with more steps than it is to have", () =>
    refused({ steps: 3 }, "INVALID_ARGUMENT", /is at step \d+, but steps is 3; set it to at least \d+/));

  it("of other arithmetic, unless that is forced", async () => {
    const backend = { ...interpretBackend, arithmetic: "mul-add" } as const;
    const options = { steps: 2, validateEvery: 0, backend };
    const resume = await stopAfter(1, { ...options, backend: "wasm" });
    await refused({ ...options, resume }, "INVALID_DATA", /arithmetic was "fma", but is now "mul-add"; .*force it/);
    const { events } = await trained({ ...options, resume, otherArithmetic: true });
    expect(events.at(-1)!.type).toBe("end");
  });

  it("of a batch that was one group, as all those of 13 were before their samples were dealt out, unless forced", async () => {
    const options = { batchSize: 13, steps: 2, validateEvery: 0 };
    const { identity, ...rest } = await stopAfter(1, options);
    const { gradientGroups, ...former } = identity;
    expect(gradientGroups).toBe(8);
    const resume = await decodeCheckpoint(await encodeCheckpoint({ ...rest, identity: former }));
    await refused(
      { ...options, resume },
      "INVALID_DATA",
      /the gradients of a batch of 13 were a single sum, but are now 8 sums; .*force it/,
    );
    const { events } = await trained({ ...options, resume, otherArithmetic: true });
    expect(events.at(-1)!.type).toBe("end");
    expect((await stopAfter(1)).identity).not.toHaveProperty("gradientGroups");
    // It is the part of a batch that goes through the network at once that counts.
    const inParts = (batchSize: number, gradientAccumulation: number) =>
      stopAfter(1, { steps: 2, validateEvery: 0, batchSize, gradientAccumulation });
    expect((await inParts(22, 2)).identity.gradientGroups).toBe(8);
    expect((await inParts(13, 13)).identity).not.toHaveProperty("gradientGroups");
    const ofAnother = stopAfter(1, { ...options, batchSize: 11 }).then((resumed) => ({ ...options, resume: resumed }));
    await refused(
      await ofAnother,
      "INVALID_DATA",
      /training: batchSize was 11, but is now 13; resume with the original/,
    );
    await refused({ ...options, batchSize: 8, resume }, "INVALID_DATA", /training: batchSize was 13, but is now 8;/);
  });

  it("whose state is not of the model", async () => {
    const { state, ...rest } = await stopAfter(5);
    const without = new Map([...state].slice(1));
    await refused({ resume: { ...rest, state: without } }, "INVALID_DATA", /conv2d_1\.kernel has no elements/);
    const more = new Map([...state, ["other", new Float32Array(1)]] as const);
    await refused({ resume: { ...rest, state: more } }, "INVALID_DATA", /other is not part of this training/);
  });
});
