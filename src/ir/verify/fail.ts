import type { Stmt } from "../types.ts";

/** Reports what is wrong with a statement. */
export type Fail = (s: Stmt, problem: string) => never;
