import { expect, test } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import {
  decodePack,
  dense,
  encodeDataset,
  encodePack,
  flatten,
  type Picture,
  PortableRun,
  relu,
  train,
} from "../../src/index.ts";
import type { Settings } from "../../src/studio/settings.ts";
import type { Update } from "../../src/studio/updates.ts";
import { bytesOf, type KeptFiles } from "../../src/studio/worker/host.ts";
import { Session } from "../../src/studio/worker/session.ts";
import { bars } from "../training/data.ts";

enableRelaxedSimd();

/** Files in memory; `copy` has them as they are now, as after a crash. */
function memory(before?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): KeptFiles & { copy(): KeptFiles } {
  const files = new Map(before);
  return {
    copy: () => memory(files),
    read: async (name) => files.get(name),
    file: async (name) => (files.has(name) ? new Blob([files.get(name)!]) : undefined),
    write: async (name, contents) => void files.set(name, await bytesOf(contents)),
    remove: async (name) => void files.delete(name),
    clear: async () => files.clear(),
    estimate: async () => ({ used: 0, quota: 0 }),
  };
}

const letters = bars(60, { classes: 2, size: 8 });
const mine = bars(80, { classes: 2, size: 8, stream: 1 });

/** A session over files, and the latest of each kind that it has reported. */
async function open(files: KeptFiles = memory()) {
  const latest = new Map<Update["type"], Update>();
  let tell = () => {};
  const session = new Session(
    { backend: "wasm", openStorage: async () => files, letters: async () => letters },
    (u) => {
      latest.set(u.type, u);
      tell();
    },
  );
  const about = await session.begin();
  const last = <T extends Update["type"]>(type: T) => latest.get(type) as (Update & { readonly type: T }) | undefined;
  const until = async (isSo: () => unknown) => {
    while (!isSo())
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
  };
  const trained = () => until(() => last("activity")?.activity === "trained");
  const drop = (name: string, bytes: Uint8Array | Blob) =>
    session.openFiles(new Map([[name, new Blob([bytes as BlobPart])]]));
  return { session, about, last, until, trained, drop };
}

const layers = [flatten(), dense(6), relu(), dense(2)];
const settings: Settings = {
  recipe: "lenet",
  overrides: { steps: 12, batchSize: 4, seed: 3, labelSmoothing: 0.1, split: { validation: 0.3, test: 0.2 } },
  layers,
};

test("a run that is opened has the settings, the network and the division that it was started with", async () => {
  const first = await open();
  await first.session.start(settings);
  await first.trained();
  const { weightsSha256 } = first.last("result")!.result;
  const { bytes } = await first.session.saveRun();

  const second = await open();
  await second.drop("a.run", bytes);
  const { settings: found } = second.last("started")!;
  expect(found).toMatchObject({
    recipe: "lenet",
    overrides: { steps: 12, batchSize: 4, seed: 3, labelSmoothing: 0.1 },
  });
  expect(found.layers!.map(({ type }) => type)).toEqual(layers.map(({ type }) => type));
  expect(second.last("division")).toEqual(first.last("division"));
  expect(second.last("result")!.tested.confusion).toEqual(first.last("result")!.tested.confusion);
  // Trained again with these settings, it comes to the same weights.
  await second.session.start(found);
  await second.trained();
  expect(second.last("result")!.result.weightsSha256).toBe(weightsSha256);
});

test("a run whose data are not open asks for them, and goes on once they are", async () => {
  const saved = new PortableRun({ source: "mine" });
  const whole = { steps: 14, seed: 2, backend: "wasm" } as const;
  const model = { ...(await trainedModel()), classes: mine.classNames };
  for await (const event of train(model, mine, { ...whole, steps: 6 })) saved.record(event);
  const { session, last, drop, until } = await open();
  await expect(drop("b.run", await saved.encode())).rejects.toThrow(
    /was trained on mine, which is not open here; drop/,
  );
  expect(last("activity")!.activity).toBe("idle");
  await drop("mine.inkling", await encodePack(mine));
  expect(last("activity")!.activity).toBe("trained");
  expect(last("data")!.data.source).toBe("mine.inkling");
  expect(last("runs")!.runs.map(({ id, step, steps }) => [id, step, steps])).toEqual([["1", 6, 6]]);
  await session.step({ ...settings, overrides: { ...settings.overrides, steps: 20 } });
  await until(() => last("progress")?.step === 1);
  expect(last("runs")!.shown).toBe("2");
});

const trainedModel = async () => {
  const { session, last, until } = await open();
  await session.step(settings);
  await until(() => last("progress"));
  return (await PortableRun.open((await session.saveRun()).bytes)).model;
};

test("pictures of different sizes are resized, and a run says to what, so that its data open again wherever it goes", async () => {
  const sets = [8, 12].map((size) => encodeDataset(bars(20, { classes: 2, size }), "bars/"));
  const pictures = new Map(
    (await Promise.all(sets)).flatMap((files, i) =>
      files.map(({ name, bytes }) => [name.replace(/([^/]*)$/, `${i}-$1`), new Blob([bytes as BlobPart])]),
    ),
  );
  const { session, last, until } = await open();
  await session.openFiles(pictures);
  expect(last("data")!.data).toMatchObject({ images: 40, imageShape: [8, 8, 1], recipe: "auto" });
  expect(last("data")!.data.reading).toMatch(/stretched to 8 × 8 from various sizes/);
  await session.step(settings);
  await until(() => last("progress"));
  const { bytes } = await session.saveRun();
  expect((await PortableRun.open(bytes)).run!.config.data).toMatchObject({ resize: [8, 8], fit: "stretch" });

  const other = await open();
  await expect(other.drop("a.run", bytes)).rejects.toThrow(/which is not open here/);
  await other.session.openFiles(pictures);
  expect(other.last("progress")?.step ?? other.last("runs")!.runs[0]!.step).toBe(1);
});

test("runs are kept, shown again, and deleted", async () => {
  const files = memory();
  const first = await open(files);
  await first.session.start(settings);
  await first.trained();
  await first.session.pause(); // as from a page that does not know yet that it has come to its end
  await first.session.sweep(settings);
  expect(first.last("activity")!.activity).toBe("trained");
  await first.session.step({ ...settings, overrides: { ...settings.overrides, seed: 4 } });
  await first.until(() => first.last("progress")!.step === 1);
  await first.session.pause();

  const { session, last, until, trained } = await open(files);
  expect(last("activity")!.activity).toBe("paused");
  expect(last("runs")).toMatchObject({
    shown: "2",
    runs: [
      { id: "1", step: 12 },
      { id: "2", step: 1, steps: 12 },
    ],
  });
  const exported = await session.export("npm"); // with vectors of its own images
  await session.showRun("1");
  expect(last("activity")!.activity).toBe("trained");
  expect(last("runs")!.runs[0]!.result!.weightsSha256).toBe(last("result")!.result.weightsSha256);
  await session.showRun("2");
  expect(await session.export("npm")).toEqual(exported);
  await session.resume();
  await trained();
  await session.deleteRun("2");
  await until(() => last("activity")!.activity === "idle");
  expect(last("runs")!.runs.map(({ id }) => id)).toEqual(["1"]);
  await expect(session.showRun("2")).rejects.toThrow("there is no run 2");
  // A run can start from the weights of another one.
  await session.step({ ...settings, initFrom: "1" });
  await until(() => last("progress")?.step === 1);
});

test("a plan says which layer is wrong, and a sweep suggests a learning rate", async () => {
  const { session, about, last, until } = await open();
  const plan = await session.plan({ ...settings, layers: [...layers.slice(0, 3), dense(3)] });
  expect(plan.problem).toEqual({ layer: 3, message: expect.stringContaining("one logit per class") });
  expect(plan.layers.map(({ shape, parameters }) => [shape, parameters])).toEqual([
    [[64], 0],
    [[6], 390],
    [[6], 0],
    [[3], 21],
  ]);
  await expect(session.start({ ...settings, layers: [relu()] })).rejects.toThrow("one logit per class");
  expect(about.settings.find(({ path }) => path === "budget")).toMatchObject({ unit: "seconds", isOverride: false });
  await session.sweep(settings);
  await until(() => last("sweep")?.sweep?.isDone);
  expect(last("sweep")!.sweep!.suggestion).toBeGreaterThan(0);
  const map = async () => session.map();
  await expect(map()).rejects.toThrow("no finished training");
});

test("test images of their own leave all others to training and validation, and a rate is chosen before a training", async () => {
  const { session, last, until, trained, drop } = await open();
  await drop("mine.inkling", await encodePack(mine));
  const held = (name: string, data: typeof mine) =>
    encodePack(data).then((bytes) => session.openTest(new Map([[name, new Blob([new Uint8Array(bytes)])]])));
  await expect(held("other.inkling", { ...letters, classNames: ["A", "Q"] })).rejects.toThrow(/Q/);
  await held("held.inkling", letters);
  expect(last("data")!.data).toMatchObject({ source: "mine.inkling + held.inkling", images: 140 });
  const { split: _, ...overrides } = settings.overrides;
  await session.start({ ...settings, overrides, chosenRate: true });
  await trained();
  const { training, validation, test: tested } = last("division")!.division;
  expect([training + validation, tested]).toEqual([80, 60]);
  const { config } = (await PortableRun.open((await session.saveRun()).bytes)).run!;
  expect(config.chosenRate).toBe(true);
  const { learningRate } = last("started")!.settings.overrides;
  expect(last("started")!.settings.chosenRate).toBeUndefined();
  expect((await session.plan(last("started")!.settings)).learningRate).toBe(learningRate);
  // Labels are checked by networks of one's own.
  await session.check({ ...settings, layers: [flatten(), dense(2)] });
  await until(() => last("check")?.check?.state === "done");
});

test("edited data are trained to the weights of the file that they are saved as, and are there again", async () => {
  const files = memory();
  const first = await open(files);
  await first.drop("mine.inkling", await encodePack(mine));
  const data = () => first.last("edited")!.data;
  await first.session.edit([{ type: "newClass", name: "empty" }]);
  await first.session.edit([{ type: "rename", label: 0, name: "other" }]);
  await first.session.edit([{ type: "decide", rows: [4, 8], decision: { action: "drop" } }]);
  await first.session.undo();
  await first.session.redo();
  const gray = (value: number) => ({ width: 8, height: 8, channels: 1, data: new Uint8Array(64).fill(value) });
  const pictures = new Map<string, Picture | Blob>([
    ["a", gray(9)],
    ["b", gray(200)],
    ["c.txt", new Blob(["x"])],
  ]);
  await expect(first.session.addPictures(1, pictures)).rejects.toThrow(/^1 of 3 files could not be added: c\.txt: /);
  await first.session.look(gray(50));
  await first.session.addTried(0);
  expect(data().classes.map(({ name, images }) => `${name} ${images}`)).toEqual(["other 39", "B 42", "empty 0"]);
  const { name, bytes: saved } = await first.session.saveData();
  expect(name).toBe("mine-edited.inkling");
  const dataset = await decodePack(new Uint8Array(await (saved as Blob).arrayBuffer()));
  await first.session.step(settings);
  await first.until(() => first.last("progress")?.step === 1);
  await first.session.pause();
  await first.session.resume();
  const second = await open(files.copy()); // as if the tab had been killed now
  await Promise.all([first.trained(), second.trained()]);
  const { weightsSha256 } = first.last("result")!.result;
  expect(second.last("result")!.result.weightsSha256).toBe(weightsSha256);
  const { reading: _reading, ...edited } = data();
  expect(second.last("data")!.data).toEqual(edited);
  await second.session.undo();
  expect(second.last("edited")!.data.classes[0]!.images).toBe(38);

  const run = await PortableRun.open((await first.session.saveRun()).bytes);
  const { resume: _, ...options } = run.options;
  const trained = await train(run.model, dataset, { ...options, backend: "wasm" }).result();
  expect(trained.weightsSha256).toBe(weightsSha256);
  expect(run.run!.config.data.source).toBe(name);
});
