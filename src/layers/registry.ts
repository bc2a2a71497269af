import { parseConfig } from "../base/config.ts";
import { Registry } from "../base/registry.ts";
import { layerTypes } from "./index.ts";
import type { LayerConfig, LayerType } from "./layer.ts";

const layers = new Registry<LayerType>("layer", layerTypes);

/**
 * Registers a type of layer, so that networks can use it and files that name it can be read. Throws `INVALID_ARGUMENT`
 * if there already is a layer of that type.
 */
export const registerLayer = <C extends LayerConfig>(layer: LayerType<C>): void => layers.add(layer);

/** The layer of a type. Throws `INVALID_MODEL` for an unknown type. */
export const layerType = (type: unknown): LayerType => layers.get(type);

/** All layers: the built-in ones, then those of extensions. */
export const allLayerTypes = (): readonly LayerType[] => layers.all;

/** Parses a layer from JSON. Throws `INVALID_MODEL` naming the first invalid setting. */
export const parseLayer = (written: LayerConfig, where: string): LayerConfig =>
  parseConfig(layerType(written.type).schema, written, where, "INVALID_MODEL");
