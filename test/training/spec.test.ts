import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineTrain } from "../../src/cli/train/command.ts";
import { attributeOf, trainingFlag } from "../../src/cli/trainingFlags.ts";
import { learnPreparation } from "../../src/datasets/index.ts";
import {
  constantRate,
  cosineDecay,
  dense,
  flatten,
  InklingError,
  network,
  optionsOf,
  parseTrainingSpec,
  reduceOnPlateau,
  sgd,
  TrainingData,
  type TrainingSpec,
  train,
  trainingOptions,
  trainSpec,
} from "../../src/index.ts";
import { resolveOptions } from "../../src/training/options.ts";
import { machineEntries, settingEntries } from "../../src/training/schema.ts";
import { identityOf } from "../../src/training/spec.ts";
import { bars } from "./data.ts";

fc.configureGlobal({ seed: 12, numRuns: 300 });
const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [flatten(), dense(4)]);
const sha256 = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });

const whole = fc.integer({ min: 1, max: 1e6 });
const share = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0.01, max: 1, noNaN: true }));
const positive = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
/** Trainings as somebody may write them: any setting may be left out. */
const written = fc.record(
  {
    recipe: fc.string(),
    data: fc.record(
      {
        source: fc.string(),
        fingerprint: sha256,
        test: fc.string(),
        testFingerprint: sha256,
        resize: fc.tuple(whole, whole),
        keepDamaged: fc.boolean(),
        fixes: fc.array(fc.string()),
      },
      { requiredKeys: ["source", "fingerprint"] },
    ),
    budget: positive,
    steps: whole,
    batchSize: whole,
    gradientAccumulation: whole,
    mixup: positive,
    labelSmoothing: fc.double({ min: 0, max: 0.99, noNaN: true }).map((x) => x + 0),
    classWeights: fc.oneof(
      fc.constant("balanced" as const),
      fc.array(positive),
      fc.dictionary(fc.constantFrom(..."ABCD"), positive),
    ),
    optimizer: fc.oneof(
      fc.constant(sgd(constantRate(0.1))),
      fc.constant(sgd(cosineDecay(0.1, 100), { momentum: 0.9, weightDecay: 0.01 })),
      fc.constant(sgd(reduceOnPlateau(0.3))),
    ),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    split: fc.record(
      {
        training: share,
        validation: share,
        test: share,
        keepTogether: fc.constantFrom("groups", "pixels", "near", "none"),
      },
      { requiredKeys: [] },
    ),
    validateEvery: fc.integer({ min: 0, max: 1000 }),
    dropoutInValidation: fc.boolean(),
    monitor: fc.constantFrom("accuracy", "loss"),
    earlyStopping: fc.record({ patience: whole, minDelta: positive }, { requiredKeys: ["patience"] }),
    initFrom: fc.string(),
    initialWeights: sha256,
    backend: fc.constantFrom("wasm", "native"),
    model: fc.constant(model),
  },
  { requiredKeys: ["data", "model"] },
);

describe("a training as plain data", () => {
  it("is the same after JSON, and after a structured clone, as for a worker", () => {
    fc.assert(
      fc.property(written, (json) => {
        const spec = parseTrainingSpec(json);
        expect(parseTrainingSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
        expect(JSON.stringify(parseTrainingSpec(spec))).toBe(JSON.stringify(spec));
        expect(structuredClone(spec)).toEqual(spec);
      }),
    );
  });

  it("keeps what is written, fills in defaults, and leaves out what is not used", () => {
    const spec = parseTrainingSpec({ data: { source: "letters", fingerprint: "f" }, mixup: 0, model });
    expect(spec).toMatchObject({
      steps: 1001,
      batchSize: 16,
      seed: 1,
      validateEvery: 50,
      monitor: "accuracy",
      split: {},
    });
    for (const name of ["mixup", "gradientAccumulation", "classWeights", "earlyStopping", "recipe"])
      expect(spec).not.toHaveProperty(name);
  });

  it.each([
    [1, 50],
    [1001, 50],
    [2500, 50],
    [2501, 51],
    [100_000, 2000],
  ])("validates %i steps every %i by default: often enough, and not hundreds of times", (steps, every) => {
    const data = { source: "letters", fingerprint: "f" };
    expect(parseTrainingSpec({ data, steps, model }).validateEvery).toBe(every);
    expect(resolveOptions({ steps }).validateEvery).toBe(every);
  });

  it.each([
    [{ steps: 0 }, "training: steps is 0, expected a whole number of at least 1"],
    [{ stepz: 3 }, "training: stepz is not an option; options are recipe, data, budget, steps, "],
    [{ monitor: "f1" }, 'training: monitor is "f1", expected "accuracy" or "loss"'],
    [{ split: { validate: 3 } }, "training: split.validate is not an option"],
    [
      { earlyStopping: { patience: 0 } },
      "training: earlyStopping.patience is 0, expected a whole number of at least 1",
    ],
    [{ data: { source: "letters" } }, "training: data.fingerprint is missing"],
  ])("%j is refused", (wrong, message) => {
    const json = { data: { source: "letters", fingerprint: "f" }, model, ...wrong };
    expect(() => parseTrainingSpec(json)).toThrow(message);
    expect(() => parseTrainingSpec(json)).toThrow(InklingError);
  });

  it("trains to the same weights as the training that it was recorded from, and refuses other data", async () => {
    const data = bars(60);
    const run = train(model, data, { steps: 12, batchSize: 8, backend: "wasm", mixup: 0.2, classWeights: { A: 2 } });
    let spec: TrainingSpec | undefined;
    for await (const event of run) if (event.type === "start") spec = parseTrainingSpec(structuredClone(event.spec));
    const { weightsSha256 } = await run.result();
    expect(spec!.data).toMatchObject({ source: "bars", fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await trainSpec(spec!, data).result()).weightsSha256).toBe(weightsSha256);
    expect((await train(spec!.model, data, optionsOf(spec!)).result()).weightsSha256).toBe(weightsSha256);
    const others = trainSpec(spec!, bars(60, { stream: 1 })).result();
    await expect(others).rejects.toMatchObject({ code: "INVALID_DATA", message: /the data set has changed/ });
  });
});

describe("the identity of a training", () => {
  const base = parseTrainingSpec({
    ...{ data: { source: "a", fingerprint: "f", test: "b", testFingerprint: "g" }, model, initialWeights: "w" },
    ...{
      classWeights: "balanced",
      mixup: 0.1,
      gradientAccumulation: 2,
      split: { training: 50, validation: 5, test: 5 },
    },
    ...{ earlyStopping: { patience: 3, minDelta: 0.1 }, optimizer: sgd(0.1) },
  });
  const following = { ...base, optimizer: sgd(reduceOnPlateau(0.1)) };
  /** Another value for each option that has a row. */
  const others: Readonly<Record<string, unknown>> = {
    ...{
      steps: 7,
      batchSize: 32,
      gradientAccumulation: 4,
      mixup: 0.3,
      labelSmoothing: 0.2,
      classWeights: [1, 2, 3, 4],
      order: "as given",
      seed: 9,
    },
    ...{
      "split.training": 40,
      "split.validation": 6,
      "split.test": 7,
      "split.by": "source",
      "split.keepTogether": "none",
    },
    ...{ validateEvery: 7, dropoutInValidation: true, monitor: "loss" },
    ...{ "earlyStopping.patience": 9, "earlyStopping.minDelta": 0.2 },
    ...{ recipe: "mine", budget: 60, initFrom: "runs/other", backend: "wasm" },
  };
  const at = (spec: TrainingSpec, path: string, value: unknown): TrainingSpec => {
    const [name, inner] = path.split(".") as [keyof TrainingSpec, string?];
    return { ...spec, [name]: inner === undefined ? value : { ...(spec[name] as object), [inner]: value } };
  };
  const identity = (spec: TrainingSpec) => JSON.stringify(identityOf(spec, "fma"));
  const recorded = trainingOptions.filter(({ path }) => path in others);

  it("is tried with every setting", () => {
    const settings = trainingOptions.filter(({ path }) => path.split(".")[0]! in settingEntries);
    expect(settings.filter(({ path }) => !(path in others)).map(({ path }) => path)).toEqual([]);
  });

  it.each(recorded.map((row) => [row.path, row] as const))(
    "changes with %s exactly if that fixes weights",
    (path, row) => {
      const changes = (spec: TrainingSpec) => identity(at(spec, path, others[path])) !== identity(spec);
      expect(changes(base)).toBe(row.fixesWeights === true);
      expect(changes(following)).toBe(row.fixesWeights !== undefined);
    },
  );

  it("changes with the data, the test set, the model, the optimizer, the first weights and the arithmetic", () => {
    const changed: readonly TrainingSpec[] = [
      { ...base, data: { ...base.data, fingerprint: "h" } },
      { ...base, data: { ...base.data, testFingerprint: "h" } },
      { ...base, model: { ...model, classes: [..."ABCE"] } },
      following,
      { ...base, initialWeights: "v" },
    ];
    const all = [...[base, ...changed].map(identity), JSON.stringify(identityOf(base, "mul-add"))];
    expect(new Set(all).size).toBe(all.length);
    expect(identity({ ...base, data: { ...base.data, source: "moved", test: "too", fixes: ["x"] } })).toBe(
      identity(base),
    );
  });
});

describe("the table of a training's options", () => {
  const command = new Command("train");
  defineTrain(command);

  it("has a row for every setting, but for the optimizer, which is plain data of its own", () => {
    const leaves = (entries: object, parent = ""): readonly string[] =>
      Object.entries(entries).flatMap(([name, { wrapped }]) =>
        "entries" in wrapped ? leaves(wrapped.entries, `${parent}${name}.`) : [parent + name],
      );
    const { earlyStopping: _, optimizer: __, ...simple } = settingEntries;
    const ofSearch = ["split.folds", "split.fold"]; // which cross-validates with --folds
    const wanted = [
      ...leaves(simple).filter((path) => !ofSearch.includes(path)),
      ...["earlyStopping.patience", "earlyStopping.minDelta"],
      ...Object.keys(machineEntries),
      ...["test", "resize", "keepDamaged", "fixes", "recipe", "budget", "initFrom", "backend"],
    ];
    const rows = trainingOptions.map(({ path }) => path);
    expect(wanted.filter((path) => !rows.includes(path))).toEqual([]);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it.each(trainingOptions.map((row) => [row.path, row] as const))("gives %s a flag, a group and help", (path, row) => {
    expect(row.flag).toMatch(/^--[a-z-]+( <[\w>x<=-]+>)?$/);
    expect(row.flag.includes("<")).toBe(row.type !== "flag");
    expect(row.help).toMatch(/^[a-z].*[^.]$/);
    expect(row.group).toMatch(/^[A-Z]\w+:$/);
    expect(row.otherwise ?? row.default ?? (row.type === "flag" || undefined)).toBeDefined();
    const option = command.options.find(({ long }) => long === trainingFlag(path).long)!;
    expect(option.description).toContain(row.help);
    expect(command.helpInformation()).toContain(option.flags);
  });

  it("lets a resumed run have other values only for what its row says", () => {
    const { conflictsWith } = command.options.find(({ long }) => long === "--resume") as unknown as {
      conflictsWith: readonly string[];
    };
    for (const { path, resumable } of trainingOptions)
      expect([path, conflictsWith.includes(attributeOf(path))]).toEqual([path, !resumable]);
    expect(trainingOptions.filter(({ fixesWeights, resumable }) => fixesWeights && resumable)).toEqual([]);
  });
});

describe("data that are divided already", () => {
  const counted = () => {
    let reads = 0;
    const { images, ...rest } = bars(60);
    const read = (rows: ArrayLike<number>, target: Uint8Array) => {
      reads += rows.length;
      for (let i = 0; i < rows.length; i++) target.set(images.subarray(64 * rows[i]!, 64 * (rows[i]! + 1)), 64 * i);
    };
    return { dataset: { ...rest, read }, reads: () => reads };
  };

  it("are neither divided nor identified again, and train to the same weights", async () => {
    const options = { steps: 6, batchSize: 8, seed: 3, validateEvery: 0, split: { validation: 0, test: 0 } };
    const plain = await train(model, bars(60), options).result();
    const { dataset, reads } = counted();
    const data = new TrainingData(dataset, options);
    await data.spec;
    learnPreparation(dataset);
    const dividing = reads();
    expect((await train(model, data, options).result()).weightsSha256).toBe(plain.weightsSha256);
    const training = reads() - dividing;
    await train(model, data, options).result();
    expect(reads()).toBe(dividing + 2 * training);
    const undivided = counted();
    await train(model, undivided.dataset, options).result();
    expect(undivided.reads()).toBe(dividing + training);
  });

  it("refuse options that contradict how they were divided", async () => {
    const data = new TrainingData(bars(60), { seed: 3, split: { test: 0.2 } });
    expect((await train(model, data, { steps: 2, split: { test: 0.2 } }).result()).steps).toBe(2);
    const differing = [{ seed: 4 }, { split: { test: 0.1 } }, { test: bars(20) }] as const;
    for (const [k, named] of ["seed", "split.test", "test"].entries())
      await expect(train(model, data, { steps: 2, ...differing[k] }).result()).rejects.toThrow(
        `train: ${named} differs from how the data were split`,
      );
  });
});
