import { InklingError } from "../../base/error.ts";
import {
  isUsed,
  type Parameter,
  type Parameters,
  type ParameterValue,
  type Space,
} from "../../training/space/parameter.ts";
import { axisOf } from "../scale.ts";
import type { Sampler } from "./sampler.ts";

/** The number of values that a continuous parameter has in a grid, ends included. */
const POINTS = 5;
const LARGEST = 100_000;

function pointsOf(parameter: Parameter): readonly ParameterValue[] {
  if (parameter.type === "choice") return parameter.values;
  const axis = axisOf(parameter)!;
  const cells = Math.min(POINTS, axis.cells ?? POINTS);
  const [low, high] = [axis.placeOf(parameter.low), axis.placeOf(parameter.high)];
  const points = Array.from({ length: cells }, (_, k) => axis.valueAt(low + (k * (high - low)) / (cells - 1)));
  return [...new Set(points)];
}

/** All combinations of the values of a space; a parameter that is not used in a combination does not multiply it. */
function gridOf(space: Space): readonly Parameters[] {
  let combinations: readonly Parameters[] = [{}];
  for (const [name, parameter] of Object.entries(space)) {
    const points = pointsOf(parameter);
    combinations = combinations.flatMap((values) =>
      isUsed(parameter, values) ? points.map((value) => ({ ...values, [name]: value })) : [values],
    );
    if (combinations.length > LARGEST)
      throw new InklingError(
        "INVALID_ARGUMENT",
        `the grid of this space has more than ${LARGEST} combinations; use fewer parameters or values, or another sampler`,
      );
  }
  return combinations;
}

const grids = new WeakMap<Space, readonly Parameters[]>();

function knownGrid(space: Space): readonly Parameters[] {
  const combinations = grids.get(space) ?? gridOf(space);
  grids.set(space, combinations);
  return combinations;
}

/** Every combination once, in the order of the space: five values of each continuous parameter, evenly spaced. */
export const grid: Sampler = {
  name: "grid",
  description: "every combination once, with 5 values of each continuous parameter",
  size: (space) => knownGrid(space).length,
  ask: ({ space, trial }) => knownGrid(space)[trial]!,
};
