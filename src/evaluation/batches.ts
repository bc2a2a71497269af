/** Images of one evaluation step: enough work for several threads between two waits. */
export const EVALUATION_BATCH = 512;

/** Batches of predictions: one image as soon as can be, a handful, and many. */
export const predictionBatches: readonly number[] = [1, 32, EVALUATION_BATCH];
