/** The entry `inkling` in Node: the same names as everywhere, with Node's threads. */
import "./setUpNode.ts";

export * from "./index.ts";
