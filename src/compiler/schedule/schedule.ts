import { nest as nestOf } from "../../ir/build.ts";
import {
  type Contraction,
  indicesOfContraction,
  type Nest,
  references,
  rewriteContraction,
} from "../../ir/contraction.ts";
import type { Machine } from "../../ir/machine.ts";
import type { Axis, Stmt } from "../../ir/types.ts";
import { addressesOf, flattening, fuseAxes, substitution } from "./fuseAxes.ts";
import { tileContraction } from "./tile.ts";
import { bestTiling } from "./tilings.ts";
import { vectorize } from "./vectorize.ts";

/** A contraction over flat views, with axes fused that all operands traverse contiguously. */
export function fuseContraction(c: Contraction): Contraction {
  const flat = rewriteContraction(c, c.axes, flattening);
  const { axes, by } = fuseAxes(flat.axes, [...addressesOf(references(flat)), ...indicesOfContraction(flat)]);
  return rewriteContraction(flat, axes, substitution(by));
}

/** The loops of a nest, scheduled for a machine: the same results, bit for bit, in less time. Those of `around` go around it. */
export function schedule(nest: Nest, m: Machine, around: readonly Axis[] = []): Stmt {
  if (nest.kind !== "contraction") return nestOf(around, "serial", vectorize(nest, m));
  const c = fuseContraction(nest);
  return nestOf(around, "serial", tileContraction(c, bestTiling(c, m)));
}
