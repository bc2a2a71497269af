import { load, loops, store } from "../ir/build.ts";
import { at, gather } from "../ir/view.ts";
import { dims } from "../tensor/shape.ts";
import { defineOp } from "./op.ts";

/** The classes of a batch, y[n] = labels[rows[n]]. labels [M] and rows [N], numbers below M, give y [N]. */
export const gatherLabels = defineOp()({
  name: "gatherLabels",
  inputs: ["labels", "rows"],
  types: { labels: "u32", rows: "u32" },
  outputType: "u32",

  infer({ labels, rows }) {
    dims("gatherLabels", "labels", labels, 1);
    return dims("gatherLabels", "rows", rows, 1);
  },

  forward: ({ labels, rows }, y) => [
    loops({ n: y.shape[0]! }, ({ n }) => store(at(y, n), load(gather(labels, load(at(rows, n)), 0)))),
  ],

  backward: { labels: null, rows: null },

  reference({ labels, rows }, _shapes, y) {
    rows.forEach((row, n) => {
      y[n] = labels[row]!;
    });
  },

  samples: [
    {
      shapes: { labels: [5], rows: [7] },
      attrs: {},
      values: { labels: [9, 0, 4294967295, 3, 16777217], rows: [4, 4, 2, 0, 1, 3, 2] },
    },
    { shapes: { labels: [1], rows: [1] }, attrs: {}, values: { labels: [2], rows: [0] } },
  ],
  rejects: [
    { shapes: { labels: [5, 1], rows: [3] }, attrs: {}, message: "gatherLabels: rank of labels is 2, expected 1" },
    { shapes: { labels: [5], rows: [3, 1] }, attrs: {}, message: "gatherLabels: rank of rows is 2, expected 1" },
  ],
});
