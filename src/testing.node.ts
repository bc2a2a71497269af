/** The entry point `inkling/testing` in Node, with native code if there is a C compiler. */
import "./setUp.node.ts";

export * from "./testing/index.ts";
