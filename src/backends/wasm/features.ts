import { constant, fma, load, store } from "../../ir/build.ts";
import type { Kernel } from "../../ir/types.ts";
import { at, memory } from "../../ir/view.ts";
import { lower } from "../lower/lower.ts";
import { assemble, type Features } from "./assembler.ts";
import { renderRoutines } from "./render.ts";

/** (1 + 2^-12)² − (1 + 2^-11) is 2^-24 if the product is not rounded, and 0 if it is. */
const FACTOR = 1 + 2 ** -12;
const ADDEND = -(1 + 2 ** -11);
const x = memory("x", [1]);
const probe: Kernel = {
  name: "probe",
  axes: [],
  body: store(at(x, 0), fma(load(at(x, 0)), load(at(x, 0)), constant(ADDEND))),
};

/**
 * Whether `relaxed_madd` exists and rounds once. It may round twice if the processor has no such instruction,
 * so this runs a probe.
 */
export function detectFeatures(): Features {
  const layout = { bytes: 4, offsets: new Map([["x", 0]]) };
  const bytes = assemble(renderRoutines(lower([probe]), layout, { fma: true }), {
    memory: { pages: 1, shared: false },
  });
  if (!WebAssembly.validate(bytes)) return { fma: false };
  const probed = new WebAssembly.Memory({ initial: 1 });
  const values = new Float32Array(probed.buffer, 0, 1);
  values[0] = FACTOR;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: probed } });
  (exports["probe"] as () => void)();
  return { fma: values[0] === 2 ** -24 };
}
