import { scaleLinear } from "d3-scale";

/** A number with its interval. */
interface IntervalRow {
  readonly name: string;
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
  /** The number and its interval in words, which stand beside the drawing. */
  readonly text: string;
  /** Whether it stands out. Default: false. */
  readonly main?: boolean;
}

interface IntervalsProps {
  readonly rows: readonly IntervalRow[];
  /** A value to compare with, such as 0, drawn as a dashed line. */
  readonly guide?: number;
}

/** Numbers with their intervals below one another, over one axis: a dot and a line for each. */
export function Intervals({ rows, guide }: IntervalsProps) {
  const ends = [...rows.flatMap(({ interval }) => interval), ...(guide === undefined ? [] : [guide])];
  const scale = scaleLinear([Math.min(...ends), Math.max(...ends)], [4, 96]);
  const at = (value: number): string => `${scale(value).toFixed(2)}%`;
  return (
    <dl class="intervals">
      {rows.map(({ name, value, interval: [low, high], text, main = false }) => (
        <div class={main ? "main" : undefined}>
          <dt>{name}</dt>
          <dd class="drawn">
            <svg aria-hidden="true">
              {guide !== undefined && <line class="guide" x1={at(guide)} x2={at(guide)} y1="0" y2="100%" />}
              <line class="range" x1={at(low)} x2={at(high)} y1="50%" y2="50%" />
              <circle cx={at(value)} cy="50%" r="4.5" />
            </svg>
          </dd>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
