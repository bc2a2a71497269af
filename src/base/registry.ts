import { InklingError } from "./error.ts";

/** The record of a kind by its `type`. Throws `INVALID_MODEL` naming the known ones. */
export function lookUp<T extends { readonly type: string }>(kind: string, records: readonly T[], type: unknown): T {
  const found = records.find((record) => record.type === type);
  if (found) return found;
  const known = records.map((record) => record.type).join(", ");
  throw new InklingError("INVALID_MODEL", `${kind} "${String(type)}" is not known; known are ${known}`);
}
