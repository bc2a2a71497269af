import { sgd } from "../optimizers/index.ts";
import { parseOptimizer } from "../optimizers/registry.ts";
import { learningRateAt, toSchedule } from "../optimizers/schedules/registry.ts";
import type { ScheduleConfig } from "../optimizers/schedules/schedule.ts";
import { checkJson, checkRefused, type Test } from "./test.ts";

/** How a schedule is tested. */
export interface ScheduleTestOptions {
  /** The learning rate of a step by its formula; rates must be within 1e-12 of it, relatively. */
  readonly reference?: (step: number) => number;
  /** The steps whose rates are looked at. Default: 0, 1, 2, 3, 10, 99, 100, 101, 1000 and 12,345. */
  readonly steps?: readonly number[];
}

/**
 * Tests of a registered schedule with some settings: it survives JSON, alone and in an optimizer; refuses a setting
 * that it does not have; gives finite rates of at least 0, the same whichever step is asked for first; and follows
 * `reference`.
 */
export function scheduleTests(schedule: ScheduleConfig, options: ScheduleTestOptions = {}): readonly Test[] {
  const { reference, steps = [0, 1, 2, 3, 10, 99, 100, 101, 1000, 12_345] } = options;
  const rates = (order: readonly number[]) => new Map(order.map((step) => [step, learningRateAt(schedule, step)]));
  return [
    { name: "survives JSON", run: () => checkJson(schedule, toSchedule) },
    { name: "survives JSON in an optimizer", run: () => checkJson(sgd(schedule), parseOptimizer) },
    {
      name: "refuses a setting that it does not have",
      run: () => checkRefused(() => toSchedule({ ...schedule, noSuchSetting: 1 } as ScheduleConfig), /noSuchSetting/),
    },
    {
      name: "gives finite rates of at least 0, in any order",
      run() {
        const [forward, backward] = [rates(steps), rates(steps.toReversed())];
        for (const [step, rate] of forward) {
          if (!Number.isFinite(rate) || rate < 0)
            throw new Error(`the rate of step ${step} is ${rate}, expected a finite number of at least 0`);
          if (backward.get(step) !== rate)
            throw new Error(`the rate of step ${step} depends on the steps that were asked for before`);
        }
      },
    },
    ...(reference
      ? [
          {
            name: "follows its reference",
            run() {
              for (const [step, rate] of rates(steps))
                if (!(Math.abs(rate - reference(step)) <= 1e-12 * Math.abs(reference(step))))
                  throw new Error(`the rate of step ${step} is ${rate}, expected ${reference(step)}`);
            },
          },
        ]
      : []),
  ];
}
