import { typeOf } from "../../ir/build.ts";
import { operands } from "../../ir/traverse.ts";
import type { Value } from "../../ir/types.ts";
import { addressOf } from "../../ir/view.ts";
import type { Registers } from "./registers.ts";
import type { Scope } from "./scope.ts";

/** Whether a value is the same in all lanes of the enclosing vector loop. */
export function isUniform(v: Value, scope: Scope, registers: Registers): boolean {
  if (scope.width === 1) return true;
  const uniform = (x: Value) => isUniform(x, scope, registers);
  switch (v.kind) {
    case "variable":
      return registers.variable(v.name).width === 1;
    case "index":
      return scope.lane(v.at) === 0;
    case "load":
      if (v.ref.view.space === "register") return registers.of(v.ref, scope).width === 1;
      return scope.lane(addressOf(v.ref)) === 0 && (v.ref.gather === undefined || uniform(v.ref.gather));
    case "let": // it is computed as a whole, so the bound value must be uniform too
      return (
        uniform(v.value) &&
        isUniform(v.body, scope, registers.define(v.name, { register: v.name, type: typeOf(v.value), width: 1 }))
      );
    default:
      return operands(v).every(uniform);
  }
}
