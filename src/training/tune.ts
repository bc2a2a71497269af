import { type Backend, backend } from "../backends/index.ts";
import { type Tilings, withTilings } from "../compiler/schedule/measured.ts";
import { type MeasuredTiling, measureTilings } from "../engine/measureTilings.ts";
import type { Model } from "../model/index.ts";
import { resolveOptions, type TrainOptions } from "./options.ts";
import { programs } from "./setup.ts";

/**
 * Measures the fastest tiling of each sum in a training on this machine, where the compiler otherwise relies on a model
 * of the processor, and yields it. Skips those already `known`. Does not affect weights. Ends early if `signal` aborts.
 */
export async function* tune(
  model: Model,
  options: TrainOptions = {},
  known: Tilings = {},
): AsyncGenerator<MeasuredTiling> {
  const resolved = resolveOptions(options);
  const { train, evaluate, validate } = programs(model, resolved);
  const specs = new Set([train.spec, evaluate.spec, validate.spec]);
  for await (const measured of measureTilings([...specs], resolved.backend, known)) {
    yield measured;
    if (options.signal?.aborted) return;
  }
}

/** A back end that uses the tilings found by {@link tune} on this machine. */
export function tuned(on: string | Backend | undefined, tilings: Tilings): Backend {
  const inner = backend(on);
  return { ...inner, machine: withTilings(inner.machine, tilings) };
}
