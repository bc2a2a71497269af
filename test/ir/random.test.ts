import fc from "fast-check";
import { expect, test } from "vitest";
import { interpret } from "../../src/backends/interpret/interpret.ts";
import { philox, toUnit } from "../../src/base/philox.ts";
import { block, integer, load, store } from "../../src/ir/build.ts";
import { philoxWords, uniform } from "../../src/ir/random.ts";
import { at, memory } from "../../src/ir/view.ts";

const [input, words, units] = [memory("input", [6], "u32"), memory("words", [4], "u32"), memory("units", [4])];

function draw(values: readonly number[], source: "loads" | "constants") {
  const of = (k: number) => (source === "loads" ? load(at(input, k)) : integer(values[k]!));
  const result = new Uint32Array(4);
  const uniforms = new Float32Array(4);
  const program = philoxWords([of(0), of(1)], [of(2), of(3), of(4), of(5)], (w) =>
    block(...w.flatMap((word, j) => [store(at(words, j), word), store(at(units, j), uniform(word))])),
  );
  const buffers = { input: Uint32Array.from(values), words: result, units: uniforms };
  interpret(program, new Map(Object.entries(buffers)));
  return { words: [...result], units: [...uniforms] };
}

test("a compiled program draws the same words as the generator", () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(
      fc.tuple(word, word, word, word, word, word),
      fc.constantFrom("loads", "constants"),
      (values, source) => {
        const [k0, k1, ...counter] = values;
        const want = philox([k0, k1], counter);
        expect(draw(values, source)).toEqual({ words: [...want], units: want.map(toUnit) });
      },
    ),
    { seed: 1 },
  );
});

test("a compiled program draws the published test vectors of Philox 4×32-10", () => {
  // Random123's known-answer vectors: https://github.com/DEShawResearch/random123/blob/main/tests/kat_vectors
  const digits = [0xa4093822, 0x299f31d0, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  expect(draw(digits, "loads").words).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
  expect(draw(new Array(6).fill(0), "loads").words).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
});
