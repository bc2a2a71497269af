import { exp, log } from "../base/math.ts";
import type { NumberParameter, Parameter, ParameterValue } from "../training/space/parameter.ts";

const DIGITS = 4;
/** A number as a search draws it: with four significant digits, so that it can be written and typed. */
const rounded = (x: number): number => Number(x.toPrecision(DIGITS));

/**
 * The axis on which neighboring values of a parameter are similar: numbers, their logarithms, or positions in a list of
 * numbers. Whole numbers and positions are cells from half a step below to half a step above. Choices that are not numbers
 * have none.
 */
export interface Axis {
  readonly low: number;
  readonly high: number;
  /** The place of a value. */
  placeOf(value: ParameterValue): number;
  /** The value at a place. */
  valueAt(place: number): ParameterValue;
  /** The ends of the cell of a value; undefined if places are continuous. */
  readonly cellOf?: (value: ParameterValue) => readonly [number, number];
  /** The number of cells. */
  readonly cells?: number;
}

/** The axis of a parameter; undefined for choices that are not numbers. */
export function axisOf(parameter: Parameter): Axis | undefined {
  if (parameter.type === "number") return parameter.whole ? wholeAxis(parameter) : continuousAxis(parameter);
  if (!parameter.values.every((value) => typeof value === "number")) return undefined;
  const ascending = (parameter.values as readonly number[]).toSorted((a, b) => a - b);
  const position = (value: ParameterValue) => ascending.indexOf(value as number);
  return {
    low: -0.5,
    high: ascending.length - 0.5,
    placeOf: position,
    valueAt: (place) => ascending[Math.min(ascending.length - 1, Math.max(0, Math.round(place)))]!,
    cellOf: (value) => [position(value) - 0.5, position(value) + 0.5],
    cells: ascending.length,
  };
}

function continuousAxis({ low, high, log: isLog }: NumberParameter): Axis {
  const placeOf = (value: ParameterValue) => (isLog ? log(value as number) : (value as number));
  const valueAt = (place: number) => Math.min(high, Math.max(low, rounded(isLog ? exp(place) : place)));
  return { low: placeOf(low), high: placeOf(high), placeOf, valueAt };
}

function wholeAxis({ low, high, log: isLog }: NumberParameter): Axis {
  const placeOf = (value: ParameterValue) => (isLog ? log(value as number) : (value as number));
  return {
    low: placeOf(low - 0.5),
    high: placeOf(high + 0.5),
    placeOf,
    valueAt: (place) => Math.min(high, Math.max(low, Math.round(isLog ? exp(place) : place))),
    cellOf: (value) => [placeOf((value as number) - 0.5), placeOf((value as number) + 0.5)],
    cells: high - low + 1,
  };
}

/** The value of a parameter at a place in [0, 1), where all its values are equally likely, on a logarithmic scale if it has one. */
export function valueAt(parameter: Parameter, unit: number): ParameterValue {
  const axis = axisOf(parameter);
  if (axis) return axis.valueAt(axis.low + unit * (axis.high - axis.low));
  const { values } = parameter as { readonly values: readonly ParameterValue[] };
  return values[Math.min(values.length - 1, Math.floor(unit * values.length))]!;
}
