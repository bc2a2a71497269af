/** The values of a layer's weights, by name without the layer's prefix, such as `kernel`. */
export type LayerWeights = ReadonlyMap<string, Float32Array>;

/** y[…,c] = scale[c] · x[…,c] + shift[c] */
export interface ChannelScale {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/**
 * Folds a scale and a shift of the output into a layer y = x∗kernel + bias, whose kernel has the channels last:
 * kernel'[…,c] = scale[c] · kernel[…,c] and bias'[c] = scale[c] · bias[c] + shift[c].
 */
export function foldScale<C extends { readonly useBias: boolean }>(
  config: C,
  weights: LayerWeights,
  { scale, shift }: ChannelScale,
): { readonly config: C; readonly weights: LayerWeights } {
  const channels = scale.length;
  const kernel = weights.get("kernel")!.map((w, i) => scale[i % channels]! * w);
  const before = weights.get("bias");
  const bias = Float32Array.from(shift, (term, c) => scale[c]! * (before?.[c] ?? 0) + term);
  return {
    config: { ...config, useBias: true },
    weights: new Map([
      ["kernel", kernel],
      ["bias", bias],
    ]),
  };
}
