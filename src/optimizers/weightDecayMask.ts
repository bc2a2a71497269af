import * as v from "valibot";
import { InklingError, message, optionRef } from "../base/error.ts";
import type { Shape } from "../base/shape.ts";

/**
 * Which parameters weight decay applies to: `"kernels"`, those of two or more axes; `"all"`; or a list of names, each
 * of a parameter (`dense_1.kernel`), a layer (`dense_1`) or a kind of parameter (`kernel`, `bias`, `gamma`).
 */
export type WeightDecayMask = "kernels" | "all" | readonly string[];

const expected = '"kernels", "all", or a list of names';
export const weightDecayMaskSchema = v.optional(
  v.union([v.picklist(["kernels", "all"]), v.array(v.string())], expected),
  "kernels",
);

interface Parameter {
  readonly name: string;
  readonly shape: Shape;
}

const matches = ({ name }: Parameter, pattern: string): boolean => {
  const [layer, kind] = name.split(".");
  return pattern === name || pattern === layer || pattern === kind;
};

/** Whether weight decay applies to a parameter. */
export function isDecayed(mask: WeightDecayMask, parameter: Parameter): boolean {
  if (mask === "all") return true;
  if (mask === "kernels") return parameter.shape.length > 1;
  return mask.some((pattern) => matches(parameter, pattern));
}

/** Throws `INVALID_ARGUMENT` if a mask has a name that matches no parameter. */
export function checkWeightDecayMask(mask: WeightDecayMask, parameters: readonly Parameter[]): void {
  if (typeof mask === "string") return;
  const unknown = mask.find((pattern) => !parameters.some((parameter) => matches(parameter, pattern)));
  if (unknown === undefined) return;
  const known = parameters.map(({ name }) => name).join(", ");
  throw new InklingError(
    "INVALID_ARGUMENT",
    message`${optionRef("weightDecayMask")}: there is no parameter ${unknown}; the parameters are ${known}`,
  );
}
