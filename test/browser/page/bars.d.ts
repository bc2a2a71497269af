import type { Dataset } from "../../../src/index.ts";

export declare function bars(): Dataset;
