import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BatchOrder } from "../../src/training/order.ts";

const rowsOf = (count: number) => Uint32Array.from({ length: count }, (_, i) => 1000 + 3 * i);
const sequence = (count: number, seed: number, steps: number, batchSize: number) => [
  ...new BatchOrder(rowsOf(count), seed).rows(0, steps * batchSize),
];

describe("BatchOrder", () => {
  const sizes = { count: fc.integer({ min: 1, max: 40 }), batchSize: fc.integer({ min: 1, max: 17 }), seed: fc.nat() };

  it("takes every row once an epoch, whatever the batches are", () => {
    fc.assert(
      fc.property(fc.record(sizes), ({ count, batchSize, seed }) => {
        const all = sequence(count, seed, Math.ceil((3 * count) / batchSize), batchSize);
        for (let epoch = 0; epoch < 3; epoch++) {
          const rows = all.slice(epoch * count, (epoch + 1) * count).sort((a, b) => a - b);
          expect(rows).toEqual([...rowsOf(count)]);
        }
      }),
    );
  });

  it("is that of the data where it is as given", () => {
    const order = new BatchOrder(Uint32Array.of(7, 2, 5), 1, "as given");
    expect([...order.rows(0, 2), ...order.rows(2, 5)]).toEqual([2, 5, 7, 2, 5, 7, 2]);
  });

  it("is the same however the steps are divided into calls", () => {
    fc.assert(
      fc.property(
        fc.record(sizes),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
        ({ count, batchSize, seed }, calls) => {
          const order = new BatchOrder(rowsOf(count), seed);
          const found: number[] = [];
          let step = 0;
          for (const steps of calls) {
            found.push(...order.rows(step * batchSize, steps * batchSize));
            step += steps;
          }
          expect(found).toEqual(sequence(count, seed, step, batchSize));
        },
      ),
    );
  });

  it("can begin at any step, as after a resume", () => {
    expect([...new BatchOrder(rowsOf(10), 3).rows(28, 8)]).toEqual(sequence(10, 3, 9, 4).slice(28));
  });

  it("is shuffled anew for each epoch and each seed", () => {
    const epochs = sequence(30, 1, 2, 30);
    expect(epochs.slice(0, 30)).not.toEqual([...rowsOf(30)]);
    expect(epochs.slice(30)).not.toEqual(epochs.slice(0, 30));
    expect(sequence(30, 2, 2, 30)).not.toEqual(epochs);
    expect(sequence(30, 1, 2, 30)).toEqual(epochs);
  });
});
