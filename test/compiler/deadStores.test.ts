import { describe, expect, it } from "vitest";
import { withoutDeadStores } from "../../src/compiler/deadStores.ts";
import { block, constant, fma, load, loops, one, store } from "../../src/ir/build.ts";
import { printStmt } from "../../src/ir/print.ts";
import { at, memory } from "../../src/ir/view.ts";

const [x, y, kept, gone, z] = ["x", "y", "kept", "gone", "z"].map((name) => memory(name, [4]));
const live = (...statements: Parameters<typeof withoutDeadStores>[0]) =>
  withoutDeadStores(statements, new Set(["z"])).map((s) => s && printStmt(s));

describe("stores that reach no output", () => {
  it("are left out, with the loops around them, and what only they need", () => {
    const first = loops({ i: 4 }, ({ i }) =>
      block(store(at(y!, i), load(at(x!, i))), store(at(kept!, i), load(at(x!, i)))),
    );
    const second = loops({ i: 4 }, ({ i }) => store(at(gone!, i), load(at(kept!, i))));
    const third = loops({ i: 4 }, ({ i }) => store(at(z!, i), load(at(y!, i))));
    expect(live(first, second, third)).toEqual([
      expect.stringMatching(/y\[i\] = x\[i\]/),
      undefined,
      expect.stringMatching(/z\[i\] = y\[i\]/),
    ]);
    expect(live(first, second, third)[0]).not.toContain("kept");
  });

  it("are those that only add to themselves", () => {
    const sum = loops({ i: 4 }, ({ i }) => store(at(gone!, 0), fma(load(at(x!, i)), one, load(at(gone!, 0)))));
    expect(live(store(at(gone!, 0), constant(0)), sum, store(at(z!, 0), load(at(x!, 0))))).toEqual([
      undefined,
      undefined,
      expect.any(String),
    ]);
  });
});
