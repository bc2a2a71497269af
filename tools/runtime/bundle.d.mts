/** The source of `runtimeSource.js`: what an exported package runs, as one minified module in a string. */
export declare function runtimeModule(): Promise<string>;
