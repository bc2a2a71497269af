import { describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { below, philox } from "../../src/base/philox.ts";
import { decodeJournal, encodeEntry, type JournalEntry } from "../../src/search/journal.ts";
import { choice, logUniform, parseSpace } from "../../src/training/space/parameter.ts";
import { mutations } from "../hostile/mutations.ts";

const space = parseSpace({ rate: logUniform(0.01, 1), size: choice(16, 8, 32) });
const time = "2026-01-02T03:04:05.678Z";
const entries: readonly JournalEntry[] = [
  { type: "study", name: "lenet on letters", maximize: true },
  { type: "note", key: "definition", value: { lag: 4 } },
  { type: "trial", trial: 0, parameters: { rate: 0.1, size: 8 }, time },
  { type: "score", trial: 0, rung: 0, steps: 100, score: 0.875, weightsSha256: "ab", seconds: 1.5 },
  { type: "end", trial: 0, state: "complete", score: 0.875, time },
  { type: "trial", trial: 1, parameters: { rate: 0.9, size: 32 }, time },
  { type: "failure", trial: 1, rung: 0, problem: "the loss is NaN", time },
];
const encoded = new TextEncoder().encode(entries.map((entry) => encodeEntry(entry, space)).join(""));

describe("a journal", () => {
  it("gives back what was written", () => {
    expect(decodeJournal(encoded, "journal")).toEqual({ entries, bytes: encoded.length });
  });

  it("loses at most the last entry when it was cut off anywhere", () => {
    for (let length = 0; length < encoded.length; length++) {
      const { entries: found, bytes } = decodeJournal(encoded.subarray(0, length), "journal");
      const lines = encoded.subarray(0, length).filter((byte) => byte === 10).length;
      expect(found).toEqual(entries.slice(0, lines));
      expect(bytes).toBeLessThanOrEqual(length);
    }
  });

  it("names a damaged line", () => {
    const damaged = encoded.slice();
    damaged[damaged.indexOf(10) + 30]! ^= 1;
    expect(() => decodeJournal(damaged, "journal")).toThrow("journal line 2 is damaged");
  });

  it("throws nothing but our errors for damaged bytes, and never returns what was not written", () => {
    const sorted = (entry: JournalEntry) => JSON.stringify(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
    const written = new Set(entries.map(sorted));
    const count = mutations(300);
    for (let k = 0; k < count; k++) {
      const [at, bit, cut] = philox([k, 0], [0, 0, 0, 0]);
      const bytes = encoded.slice(0, encoded.length - (k % 3 === 0 ? below(cut, encoded.length) : 0));
      if (bytes.length > 0) bytes[below(at, bytes.length)]! ^= 1 << (bit % 8);
      try {
        for (const entry of decodeJournal(bytes, "journal").entries) expect(written).toContain(sorted(entry));
      } catch (error) {
        if (!(error instanceof InklingError)) throw error;
        expect(error.code).toBe("INVALID_DATA");
      }
    }
  });

  it("ignores what another program has appended with a checksum of its own, but not without", () => {
    const other = `{"op_code":3,"worker_id":"x","study_id":0,"system_attr":{"a":1}}\n`;
    const more = new TextEncoder().encode(other);
    const bytes = new Uint8Array([...encoded, ...more, ...encoded.subarray(0, encoded.indexOf(10) + 1)]);
    expect(() => decodeJournal(bytes, "journal")).toThrow("line 8 is damaged");
  });
});
