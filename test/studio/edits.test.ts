import { describe, expect, it } from "vitest";
import { decodePack, encodePack } from "../../src/formats/pack.ts";
import { applyFixes, type Dataset, fingerprint, formatFixes, parseFixes } from "../../src/index.ts";
import { OpenedData } from "../../src/studio/worker/openedData.ts";
import { heldOutRows } from "../../src/studio/worker/testedOn.ts";
import { bars } from "../training/data.ts";

/** Three classes, with a copy of the first image in the second class, and one in its own. */
function source(names: boolean): Dataset {
  const made = bars(30, { classes: 3, size: 6 });
  const labels = Uint16Array.from(made.labels, (_, row) => row % 3);
  const images = made.images.slice();
  for (const copy of [3, 4]) images.set(images.subarray(0, 36), copy * 36);
  return {
    ...made,
    images,
    labels,
    classNames: ["a", "b", "c"],
    ...(names && { names: Array.from(labels, (_, row) => `${row}.png`) }),
  };
}
const opened = (names = true) => new OpenedData(source(names), "mine.zip", () => {});
const counts = ({ classes }: ReturnType<OpenedData["summary"]>) =>
  classes.map(({ name, images }) => `${name} ${images}`);

describe("edited data", () => {
  it("are the source until something changes, and again when that is undone", () => {
    const data = opened();
    expect(data.dataset).toBe(data.source);
    data.edit([{ type: "decide", rows: [0], decision: { action: "keep" } }]);
    expect(data.dataset).toBe(data.source);
    data.edit([{ type: "decide", rows: [0, 6], decision: { action: "drop" } }]);
    data.edit([{ type: "decide", rows: [1], decision: { action: "relabel", to: 2 } }]);
    expect(counts(data.summary())).toEqual(["a 8", "b 9", "c 11"]);
    expect(Array.from(data.rows({ kind: "leftOut" }))).toEqual([0, 6]);
    expect(Array.from(data.rows({ kind: "decided" }))).toEqual([0, 1, 6]);
    expect(data.facts(1)).toMatchObject({ label: 2, given: 1, name: "1.png", decision: { to: 2 }, copies: [] });
    for (let step = 0; step < 3; step++) data.undo();
    expect(data.dataset).toBe(data.source);
    data.redo();
    data.redo();
    expect(data.summary().edits).toEqual({
      ...{ isEdited: true, decided: 2, leftOut: 2, added: 0 },
      ...{ canUndo: true, canRedo: true },
    });
  });

  it("have classes that are renamed, merged, deleted and new", () => {
    const data = opened();
    data.edit([{ type: "rename", label: 0, name: " first " }]);
    data.edit([{ type: "newClass", name: "d" }]);
    expect(counts(data.summary())).toEqual(["first 10", "b 10", "c 10", "d 0"]);
    expect(data.dataset.classNames).toEqual(["first", "b", "c"]);
    data.edit([{ type: "decide", rows: [0], decision: { action: "relabel", to: 3 } }]);
    data.edit([{ type: "merge", label: 1, into: 0 }]);
    data.edit([{ type: "delete", label: 2 }]);
    expect(counts(data.summary())).toEqual(["first 19", "d 1"]);
    expect(data.dataset.classNames).toEqual(["first", "d"]);
    expect(() => data.edit([{ type: "rename", label: 0, name: "d" }])).toThrow("there is a class d already");
    expect(() => data.edit([{ type: "rename", label: 1, name: "e" }])).toThrow("there is no class b any more");
    expect(() => data.edit([{ type: "newClass", name: " " }])).toThrow("a class needs a name");
    expect(counts(data.summary())).toEqual(["first 19", "d 1"]);
  });

  it("have added pictures, which a training that has begun keeps when they are undone", () => {
    const data = opened();
    const picture = (value: number) => ({ width: 6, height: 6, channels: 1, data: new Uint8Array(36).fill(value) });
    data.add(1, [{ name: "x.png", picture: picture(7) }]);
    const before = data.dataset;
    const pixels = (dataset: typeof before, row: number) => {
      const target = new Uint8Array(36);
      if ("read" in dataset) dataset.read([row], target);
      return target[0];
    };
    expect([before.labels.length, before.names!.at(-1), pixels(before, 30)]).toEqual([31, "x.png", 7]);
    data.undo();
    expect(data.dataset).toBe(data.source);
    data.add(2, [{ name: "y.png", picture: picture(9) }]);
    expect([pixels(before, 30), pixels(data.dataset, 30)]).toEqual([7, 9]);
    expect(data.facts(31)).toMatchObject({ label: 2, name: "y.png" });
    const restored = opened();
    restored.editing.restore(data.editing.format());
    expect(restored.editing.state).toEqual(data.editing.state);
  });

  it.each([true, false])("give what their corrections make of the source, with names: %s", async (names) => {
    const data = opened(names);
    data.edit([{ type: "decide", rows: [3, 8], decision: { action: "drop" } }]);
    data.edit([{ type: "decide", rows: [5], decision: { action: "relabel", to: 0 } }]);
    data.edit([{ type: "decide", rows: [7], decision: { action: "keep" } }]);
    const fixes = parseFixes(formatFixes(await data.corrections()));
    expect(fixes.fixes.length).toBe(4);
    const { dataset, kept } = await applyFixes(source(names), fixes);
    expect(await fingerprint(data.dataset)).toBe(await fingerprint(dataset));
    expect(kept.length).toBe(1);
    // The copy of image 3 in its class is left out with it where nothing tells them apart.
    expect(Array.from(data.rows({ kind: "leftOut" }))).toEqual(names ? [3, 8] : [0, 3, 8]);

    const again = opened(names);
    const { step, unmatched } = await again.decisionsBy(fixes);
    again.edit(step);
    expect(unmatched).toEqual([]);
    expect(await fingerprint(again.dataset)).toBe(await fingerprint(dataset));
    const saved = await decodePack(await encodePack(data.dataset));
    expect(await fingerprint(saved)).toBe(await fingerprint(dataset));
    expect(saved.names).toEqual(dataset.names);
  });

  it("are listed by class, split, copies and leaks", () => {
    const parts = Uint8Array.from({ length: 30 }, (_, row) => (row === 4 ? 2 : 0));
    const data = new OpenedData({ ...source(true), parts }, "mine.zip", () => {});
    data.divide();
    expect(Array.from(data.rows({ kind: "copies" }))).toEqual([0, 3, 4]);
    expect(Array.from(data.rows({ kind: "leaks" }))).toEqual([4]);
    expect(Array.from(data.rows({ kind: "all", label: 1, split: "test" }))).toEqual([4]);
    expect(data.rows({ kind: "all", label: 1 }).length).toBe(10);
    expect(data.facts(0)).toMatchObject({ copies: [3, 4], split: "training" });
    expect(data.tiles([0, 1, 2], 3)).toMatchObject({
      height: 3,
      width: 3,
      notes: [{ row: 0 }, { row: 1 }, { row: 2 }],
    });
  });
});

it("an export is checked on images that the network was not trained on, where there are any", () => {
  const rows = { training: Uint32Array.of(0, 1), validation: Uint32Array.of(2), test: Uint32Array.of(3) };
  expect(heldOutRows(rows)).toBe(rows.test);
  expect(heldOutRows({ ...rows, test: new Uint32Array() })).toBe(rows.validation);
});
