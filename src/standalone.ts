/**
 * All of Inkling that runs in a browser, for pages without a bundler: the package has it as one module with its workers.
 *
 * @module inkling/standalone
 */
export * from "./browser.ts";
export * from "./index.ts";
