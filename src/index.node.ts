/** The entry `inkling` in Node: the same names as everywhere, with Node's threads. */
import "./setUp.node.ts";

export * from "./index.ts";
