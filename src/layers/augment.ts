/*
 * Augmentation: layers that change images at random during training and do nothing at inference, like
 * Keras' preprocessing layers. They come right after the input.
 */

/** The value of a black pixel after the default normalization: (0 − 127.5) / 255. */
export const BLACK = -0.5;
