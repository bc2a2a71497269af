/** The entry point `inkling` in Node: the same exports as elsewhere, with Node's threads. */
import "./setUp.node.ts";

export * from "./index.ts";
