/** The entry `inkling/testing` in Node: with native code, where there is a C compiler. */
import "./setUp.node.ts";

export * from "./testing/index.ts";
