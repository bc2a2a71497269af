import { sizeOf } from "../base/shape.ts";

/** A layer of a network, as far as its stages depend on it. */
export interface StageLayer {
  readonly name: string;
  readonly type: string;
  /** The shape of its output for one image. */
  readonly shape: readonly number[];
  readonly multiplyAdds: number;
}

/**
 * The stages of a network: a stage begins at a layer that multiplies by weights or changes the shape, and what follows it, such
 * as a ReLU, belongs to it. Each has the name of its last layer, whose output it shows.
 */
export function stagesOf(layers: readonly StageLayer[]): readonly StageLayer[] {
  const stages: StageLayer[] = [];
  for (const layer of layers) {
    const before = stages.at(-1);
    const isNew = !before || layer.multiplyAdds > 0 || sizeOf(before.shape) !== sizeOf(layer.shape);
    if (isNew) stages.push(layer);
    // What only reshapes shows no more than what is before it.
    else if (before.shape.length === layer.shape.length) stages[stages.length - 1] = { ...before, name: layer.name };
  }
  return stages;
}
