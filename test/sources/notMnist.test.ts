import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { describeSplit, splitDataset } from "../../src/datasets/index.ts";
import { openDataset } from "../../src/node.ts";

const archive = fileURLToPath(new URL("../../../shared/data/notMNIST_small.tar.gz", import.meta.url));
const there = existsSync(archive);

describe.skipIf(!there)(`the published notMNIST archive${there ? "" : ` (skipped: not at ${archive})`}`, () => {
  it("holds 14,979 readable letters and two files that are not, and splits as in the course", async () => {
    const dataset = await openDataset(archive);
    expect(dataset.imageShape).toEqual([28, 28, 1]);
    expect(dataset.classNames).toEqual([..."ABCDEFGHIJ"]);
    const counts = dataset.classNames.map((_, number) => dataset.labels.filter((label) => label === number).length);
    expect(counts).toEqual([1479, 1499, 1485, 1504, 1510, 1506, 1510, 1517, 1502, 1467]);
    expect(dataset.skipped).toEqual([
      { name: "notMNIST_small/A/RGVtb2NyYXRpY2FCb2xkT2xkc3R5bGUgQm9sZC50dGY=.png", reason: "the file is empty" },
      { name: "notMNIST_small/F/Q3Jvc3NvdmVyIEJvbGRPYmxpcXVlLnR0Zg==.png", reason: "the file is empty" },
    ]);
    expect(describeSplit(dataset, splitDataset(dataset))[0]).toBe("Training set (11983, 28, 28, 1) (11983, 10)");
  });
});
