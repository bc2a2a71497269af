import type { Kernel, Layout } from "../../ir/types.ts";
import { lower } from "../lower/lower.ts";
import { renderAddon } from "./addon.ts";
import { prelude, type Width } from "./prelude.ts";
import { type CFunction, renderRoutines } from "./render.ts";

/** The target of the C code. */
export interface Target {
  readonly widths: readonly Width[];
  /** Whether the processor has a fused multiply-add. */
  readonly fma: boolean;
}

/** C files, to be compiled separately and linked into one library. */
export interface Source {
  readonly units: readonly string[];
}

/** The least bytes of C in a unit, since each unit parses the prelude again. */
const UNIT_BYTES = 60_000;

/** Divides consecutive functions into units of about equal length. */
function inUnits(functions: readonly CFunction[]): readonly (readonly CFunction[])[] {
  const bytes = functions.reduce((n, f) => n + f.source.length, 0);
  const share = Math.max(UNIT_BYTES, bytes / 8);
  const units: CFunction[][] = [];
  let room = 0;
  for (const f of functions) {
    if (room <= 0) {
      units.push([]);
      room = share;
    }
    units.at(-1)!.push(f);
    room -= f.source.length;
  }
  return units;
}

/** C files of functions that are visible to each other only, and an addon for the exported ones. */
export function sourceOf(functions: readonly CFunction[], target: Target): Source {
  const head = `${prelude(target.widths, target.fma)}\n#pragma GCC visibility push(hidden)\n`;
  const prototypes = functions.map((f) => `${f.prototype};\n`).join("");
  const units = inUnits(functions).map((unit) => `${head}${prototypes}${unit.map((f) => f.source).join("")}`);
  return { units: [...units, renderAddon(functions.filter((f) => f.exported))] };
}

/** The C source of kernels. */
export const renderSource = (kernels: readonly Kernel[], layout: Layout, target: Target): Source =>
  sourceOf(renderRoutines(lower(kernels), layout), target);
