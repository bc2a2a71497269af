import * as v from "valibot";
import { InklingError } from "../base/error.ts";
import type { Shape } from "../base/shape.ts";

/**
 * Which parameters weight decay applies to: those of two axes or more (`kernels`), `all`, or those named: a parameter
 * (`dense_1.kernel`), all of a layer (`dense_1`), or all of a kind (`kernel`, `bias`, `gamma`).
 */
export type Decayed = "kernels" | "all" | readonly string[];

const message = '"kernels", "all", or a list of names';
export const decayedSchema = v.optional(
  v.union([v.picklist(["kernels", "all"]), v.array(v.string())], message),
  "kernels",
);

interface Parameter {
  readonly name: string;
  readonly shape: Shape;
}

const isNamed = ({ name }: Parameter, given: string): boolean => {
  const [layer, kind] = name.split(".");
  return given === name || given === layer || given === kind;
};

/** Whether weight decay applies to a parameter. */
export function isDecayed(decayed: Decayed, parameter: Parameter): boolean {
  if (decayed === "all") return true;
  if (decayed === "kernels") return parameter.shape.length > 1;
  return decayed.some((given) => isNamed(parameter, given));
}

/** Throws `INVALID_ARGUMENT` where a name that decay is to apply to is that of no parameter. */
export function checkDecayed(decayed: Decayed, parameters: readonly Parameter[]): void {
  if (typeof decayed === "string") return;
  const unknown = decayed.find((given) => !parameters.some((parameter) => isNamed(parameter, given)));
  if (unknown === undefined) return;
  const known = parameters.map(({ name }) => name).join(", ");
  throw new InklingError("INVALID_ARGUMENT", `decayed: there is no parameter ${unknown}; parameters are ${known}`);
}
