import type { Parameter, ParameterValue } from "../../training/space/parameter.ts";
import { endsOf, placeOf } from "./parallel.tsx";

interface SliceProps {
  readonly name: string;
  readonly parameter: Parameter;
  /** For each trial its value, and its place on the vertical axis, from 0 to 1; the best stand out. */
  readonly points: readonly { readonly value: ParameterValue; readonly score: number; readonly isBest: boolean }[];
  /** The ends of the vertical axis, as text. */
  readonly ends: readonly [string, string];
}

const [WIDTH, HEIGHT] = [240, 160];
const PLOT = { left: 8, right: 8, top: 8, bottom: 24 };
/** The most values that are named. */
const NAMED = 6;

/** The scores of trials over the values of one parameter. */
export function Slice({ name, parameter, points, ends }: SliceProps) {
  const x = (share: number) => PLOT.left + share * (WIDTH - PLOT.left - PLOT.right);
  const y = (share: number) => HEIGHT - PLOT.bottom - share * (HEIGHT - PLOT.bottom - PLOT.top);
  const dots = (isBest: boolean) =>
    points
      .filter((point) => point.isBest === isBest)
      .map(({ value, score }) => `M${rounded(x(placeOf(parameter, value)!))} ${rounded(y(score))}h0`)
      .join("");
  const labels = labelsOf(parameter);
  return (
    <figure class="slice">
      <figcaption>{name}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Scores by ${name}, from ${ends[0]} to ${ends[1]}`}
      >
        <rect class="frame" x={x(0)} y={y(1)} width={x(1) - x(0)} height={y(0) - y(1)} />
        <path class="dots" d={dots(false)} />
        <path class="dots best" d={dots(true)} />
        {labels.map(({ place, text }, k) => (
          <text
            x={rounded(x(place))}
            y={HEIGHT - 8}
            text-anchor={place === 0 ? "start" : place === 1 ? "end" : "middle"}
            key={k}
          >
            {text}
          </text>
        ))}
      </svg>
    </figure>
  );
}

/** What stands below a horizontal axis: the ends of a range, or the values of a choice. */
function labelsOf(parameter: Parameter): readonly { readonly place: number; readonly text: string }[] {
  const values = valuesOf(parameter);
  if (!values || values.length > NAMED) {
    const [low, high] = endsOf(parameter);
    return [
      { place: 0, text: low },
      { place: 1, text: high },
    ];
  }
  return values.map((value) => ({
    place: placeOf(parameter, value)!,
    text: String(value).length > 9 ? `${String(value).slice(0, 8)}…` : String(value),
  }));
}

/** The values of a choice, or the whole numbers of a range. */
function valuesOf(parameter: Parameter): readonly ParameterValue[] | undefined {
  if (parameter.type === "choice") return parameter.values;
  const { low, high, whole } = parameter;
  return whole && high - low < NAMED ? Array.from({ length: high - low + 1 }, (_, k) => low + k) : undefined;
}

const rounded = (x: number): number => Math.round(10 * x) / 10;
