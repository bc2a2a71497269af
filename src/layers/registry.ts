import { parseConfig } from "../base/config.ts";
import { Registry } from "../base/registry.ts";
import { layerTypes } from "./index.ts";
import type { LayerConfig, LayerType } from "./layer.ts";

const layers = new Registry<LayerType>("layer", layerTypes);

/**
 * Makes a layer known, so that networks may have it and files that name it can be read. Throws `INVALID_ARGUMENT`
 * where there is a layer of that type.
 */
export const registerLayer = <C extends LayerConfig>(layer: LayerType<C>): void => layers.add(layer);

/** The record of a layer. Throws `INVALID_MODEL` for an unknown type. */
export const layerType = (type: unknown): LayerType => layers.get(type);

/** A layer read from JSON, checked. Throws `INVALID_MODEL` naming the first wrong setting. */
export const parseLayer = (written: LayerConfig, where: string): LayerConfig =>
  parseConfig(layerType(written.type).schema, written, where, "INVALID_MODEL");
