/** The script `liveScript.tsx` with the components that it brings to life, bundled and minified: `npm run build` makes it. */
export declare const liveSource: string;
