import * as v from "valibot";
import { parseConfig } from "../../base/config.ts";
import { philox, purposes } from "../../base/philox.ts";
import { Registry } from "../../base/registry.ts";
import type { Shape } from "../../base/shape.ts";
import { initializerTypes } from "./index.ts";
import type { InitializerConfig, InitializerType } from "./initializer.ts";

const initializers = new Registry<InitializerType>("initializer", initializerTypes);

/**
 * Registers a type of initializer, so that layers can use it. Throws `INVALID_ARGUMENT` if there already is one of that
 * type.
 */
export const registerInitializer = <C extends InitializerConfig>(record: InitializerType<C>): void =>
  initializers.add(record);

/** The record of an initializer. Throws `INVALID_MODEL` for an unknown type. */
export const initializerType = (config: InitializerConfig): InitializerType => initializers.get(config.type);

/** All initializers: the built-in ones, then those of extensions. */
export const allInitializerTypes = (): readonly InitializerType[] => initializers.all;

/** Parses an initializer from JSON. Throws an `InklingError` naming the first invalid setting. */
export const parseInitializer = (written: InitializerConfig): InitializerConfig =>
  parseConfig(initializerType(written).schema, written, written.type);

/** The schema of any initializer, for the settings of layers. */
export const initializer: v.GenericSchema<{ readonly type: string }, InitializerConfig> = v.pipe(
  v.looseObject({ type: v.string() }, "an initializer, such as glorotUniform()"),
  v.transform((written) => parseInitializer(written)),
);

/** The initial values of a parameter. `stream` is its index in the model, by which parameters draw different numbers. */
export function initialValues(config: InitializerConfig, shape: Shape, seed: number, stream: number): Float32Array {
  const random = (element: number, attempt: number) =>
    philox([seed >>> 0, purposes.initialize], [element, attempt, stream, 0]);
  return initializerType(config).values(config, shape, random);
}
