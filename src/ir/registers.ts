import type { Stmt } from "./types.ts";

/**
 * The names of the register views that a statement stores to, but not those of functions that it calls.
 * In a vector loop they are private to each lane, unless lanes store to neighbours.
 */
export function registersStoredBy(s: Stmt): ReadonlySet<string> {
  switch (s.kind) {
    case "loop":
    case "let":
      return registersStoredBy(s.body);
    case "block":
      return new Set(s.body.flatMap((x) => [...registersStoredBy(x)]));
    case "store":
      return new Set(s.ref.view.space === "register" ? [s.ref.view.name] : []);
    case "call":
      return new Set();
  }
}
