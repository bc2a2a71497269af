import { sgd } from "../optimizers/index.ts";
import { parseOptimizer } from "../optimizers/registry.ts";
import { learningRateAt, lengthOf, scheduleType, toSchedule, withLength } from "../optimizers/schedules/registry.ts";
import type { ScheduleConfig } from "../optimizers/schedules/schedule.ts";
import { checkJson, checkRefused, type Test, testsOf } from "./test.ts";

/** How a schedule is tested. */
export interface ScheduleTestOptions {
  /** The expected learning rate of a step; rates must agree within a relative error of 1e-12. */
  readonly reference?: (step: number) => number;
  /** The steps to check. Default: 0, 1, 2, 3, 10, 99, 100, 101, 1000 and 12,345. */
  readonly steps?: readonly number[];
}

/**
 * Tests of a registered schedule with the given settings. It survives JSON, alone and in an optimizer; rejects an unknown
 * setting; gives finite rates of at least 0 that do not depend on the order of evaluation; and agrees with `reference`, if
 * given.
 */
export function scheduleTests(schedule: ScheduleConfig, options: ScheduleTestOptions = {}): readonly Test[] {
  const { reference, steps = [0, 1, 2, 3, 10, 99, 100, 101, 1000, 12_345] } = options;
  const rates = (order: readonly number[]) => new Map(order.map((step) => [step, learningRateAt(schedule, step)]));
  return testsOf({ settings: schedule, find: () => scheduleType(schedule), register: "registerSchedule" }, [
    { name: "survives JSON", run: () => checkJson(schedule, toSchedule) },
    { name: "survives JSON in an optimizer", run: () => checkJson(sgd(schedule), parseOptimizer) },
    {
      name: "rejects an unknown setting",
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
            throw new Error(`the rate of step ${step} depends on the order in which rates are computed`);
        }
      },
    },
    {
      name: "has another length where it has one",
      run() {
        if (lengthOf(schedule) === undefined) return;
        const longer = toSchedule(withLength(schedule, 4321));
        if (lengthOf(longer) !== 4321) throw new Error(`its length is ${lengthOf(longer)}, expected 4321`);
      },
    },
    ...(reference
      ? [
          {
            name: "agrees with its reference",
            run() {
              for (const [step, rate] of rates(steps))
                if (!(Math.abs(rate - reference(step)) <= 1e-12 * Math.abs(reference(step))))
                  throw new Error(`the rate of step ${step} is ${rate}, expected ${reference(step)}`);
            },
          },
        ]
      : []),
  ]);
}
