import * as v from "valibot";
import { parseConfig } from "../../base/config.ts";
import { philox, purposes } from "../../base/philox.ts";
import { Registry } from "../../base/registry.ts";
import type { Shape } from "../../base/shape.ts";
import { initializerTypes } from "./index.ts";
import type { InitializerConfig, InitializerType } from "./initializer.ts";

const initializers = new Registry<InitializerType>("initializer", initializerTypes);

/**
 * Makes an initializer known, so that layers may have it. Throws `INVALID_ARGUMENT` where there is one of that type.
 */
export const registerInitializer = <C extends InitializerConfig>(record: InitializerType<C>): void =>
  initializers.add(record);

/** An initializer read from JSON, checked. Throws naming the first wrong setting. */
export const parseInitializer = (written: InitializerConfig): InitializerConfig =>
  parseConfig(initializers.get(written.type).schema, written, written.type);

/** The schema of an initializer of any kind, for the settings of layers. */
export const initializer = v.pipe(
  v.looseObject({ type: v.string() }, "an initializer, such as glorotUniform()"),
  v.transform((written) => parseInitializer(written)),
);

/** The first values of a parameter. `stream` is its number in the model, so that parameters share no draws. */
export function initialValues(config: InitializerConfig, shape: Shape, seed: number, stream: number): Float32Array {
  const random = (element: number, attempt: number) =>
    philox([seed >>> 0, purposes.initialize], [element, attempt, stream, 0]);
  return initializers.get(config.type).values(config, shape, random);
}
