import type { Plugin } from "vite";

/** The source of `runtimeSource.js`: what an exported package runs, as one minified module in a string. */
export declare function runtimeModule(): Promise<string>;

/** The source of `liveSource.js`: the script of pages, as one minified script in a string. */
export declare function liveModule(): Promise<string>;

/** Makes both when they are imported, for what runs or bundles the sources as they are. */
export declare const bundledSources: Plugin;
