/** The module `runtime.ts` and all that it imports, bundled and minified: `npm run build` makes it. */
export declare const runtimeSource: string;
