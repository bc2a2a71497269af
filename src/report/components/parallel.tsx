import { axisOf } from "../../search/scale.ts";
import type { Parameter, Parameters, ParameterValue, Space } from "../../training/space/parameter.ts";

/** A line of {@link ParallelCoordinates}. */
export interface ParallelLine {
  readonly parameters: Parameters;
  /** Its place on the last axis, from 0 to 1. */
  readonly score: number;
  /** Whether it stands out. */
  readonly isBest: boolean;
}

interface ParallelProps {
  readonly title: string;
  readonly space: Space;
  readonly lines: readonly ParallelLine[];
  /** The name of the last axis, and its lower and upper end as text. */
  readonly score: { readonly name: string; readonly ends: readonly [string, string] };
}

const [WIDTH, HEIGHT] = [1160, 330];
const PLOT = { left: 56, right: 56, top: 40, bottom: 28 };

/**
 * A vertical axis for each parameter and one for the score, and a line across them for each trial. A parameter that a trial does
 * not use interrupts its line.
 */
export function ParallelCoordinates({ title, space, lines, score }: ParallelProps) {
  const names = Object.keys(space);
  const x = (k: number) => PLOT.left + (k * (WIDTH - PLOT.left - PLOT.right)) / names.length;
  const y = (share: number) => HEIGHT - PLOT.bottom - share * (HEIGHT - PLOT.bottom - PLOT.top);
  const pathOf = ({ parameters, score: reached }: ParallelLine) => {
    let path = "";
    let isDown = false;
    const visit = (k: number, share: number | undefined) => {
      if (share !== undefined) path += `${isDown ? "L" : "M"}${rounded(x(k))} ${rounded(y(share))}`;
      isDown = share !== undefined;
    };
    for (const [k, name] of names.entries()) visit(k, placeOf(space[name]!, parameters[name]));
    visit(names.length, reached);
    return path;
  };
  const sorted = [...lines].sort((a, b) => Number(a.isBest) - Number(b.isBest));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard
    <section class="scroll" aria-label={title} tabIndex={0}>
      <svg class="parallel" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
        {sorted.map((line) => (
          <path class={line.isBest ? "line best" : "line"} d={pathOf(line)} />
        ))}
        {[...names, score.name].map((name, k) => {
          const ends = k < names.length ? endsOf(space[name]!) : score.ends;
          return (
            <g>
              <path class="axis" d={`M${rounded(x(k))} ${y(0)}V${y(1)}`} />
              <text class="name" x={rounded(x(k))} y={14} text-anchor="middle">
                {clip(name)}
              </text>
              <text x={rounded(x(k))} y={y(1) - 8} text-anchor="middle">
                {ends[1]}
              </text>
              <text x={rounded(x(k))} y={HEIGHT - 8} text-anchor="middle">
                {ends[0]}
              </text>
            </g>
          );
        })}
      </svg>
    </section>
  );
}

/** Where a value is between the lower and the upper end of its parameter, from 0 to 1; undefined if there is none. */
export function placeOf(parameter: Parameter, value: ParameterValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  const axis = axisOf(parameter);
  if (axis) return (axis.placeOf(value) - axis.low) / (axis.high - axis.low);
  const { values } = parameter as { readonly values: readonly ParameterValue[] };
  return (values.indexOf(value) + 0.5) / values.length;
}

/** The lowest and the highest value of a parameter, as text. */
export function endsOf(parameter: Parameter): readonly [string, string] {
  if (parameter.type === "number") return [String(parameter.low), String(parameter.high)];
  const { values } = parameter;
  const isNumeric = values.every((value) => typeof value === "number");
  const ordered = isNumeric ? [...(values as readonly number[])].sort((a, b) => a - b) : values;
  return [clip(String(ordered[0])), clip(String(ordered.at(-1)))];
}

const LONGEST = 17;
const clip = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
const rounded = (x: number): number => Math.round(10 * x) / 10;
