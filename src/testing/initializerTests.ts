import { type Shape, sizeOf } from "../base/shape.ts";
import type { InitializerConfig } from "../layers/initializers/initializer.ts";
import { initializerType, initialValues, parseInitializer } from "../layers/initializers/registry.ts";
import { checkJson, checkRefused, type Test, testsOf } from "./test.ts";
import { checkSame } from "./values.ts";

/** How an initializer is tested. */
export interface InitializerTestOptions {
  /** The shape of the parameter. Default: [3, 3, 16, 32]. */
  readonly shape?: Shape;
  /** The expected mean and standard deviation of the values, each within 5 % of the standard deviation. */
  readonly moments?: { readonly mean: number; readonly stddev: number };
}

/**
 * Tests of a registered initializer with the given settings. It survives JSON, rejects an unknown setting, gives a finite
 * value for each element, the same for the same seed, and has the given `moments`.
 */
export function initializerTests(
  initializer: InitializerConfig,
  options: InitializerTestOptions = {},
): readonly Test[] {
  const { shape = [3, 3, 16, 32], moments } = options;
  const draw = (seed: number) => Float64Array.from(initialValues(initializer, shape, seed, 0));
  return testsOf({ settings: initializer, find: () => initializerType(initializer), register: "registerInitializer" }, [
    { name: "survives JSON", run: () => checkJson(initializer, parseInitializer) },
    {
      name: "rejects an unknown setting",
      run: () =>
        checkRefused(
          () => parseInitializer({ ...initializer, noSuchSetting: 1 } as InitializerConfig),
          /noSuchSetting/,
        ),
    },
    {
      name: "gives a finite value for each element, the same for the same seed",
      run() {
        const values = draw(1);
        if (values.length !== sizeOf(shape))
          throw new Error(`there are ${values.length} values, expected ${sizeOf(shape)}`);
        if (!values.every(Number.isFinite)) throw new Error("a value is not finite");
        checkSame("values drawn again", draw(1), values);
      },
    },
    ...(moments ? [{ name: "has its moments", run: () => checkMoments(draw(1), moments) }] : []),
  ]);
}

function checkMoments(values: Float64Array, { mean, stddev }: NonNullable<InitializerTestOptions["moments"]>): void {
  const average = (numbers: Float64Array) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const gotMean = average(values);
  const gotStddev = Math.sqrt(average(values.map((value) => (value - gotMean) ** 2)));
  if (Math.abs(gotMean - mean) > 0.05 * stddev) throw new Error(`the mean is ${gotMean}, expected ${mean}`);
  if (Math.abs(gotStddev - stddev) > 0.05 * stddev)
    throw new Error(`the standard deviation is ${gotStddev}, expected ${stddev}`);
}
