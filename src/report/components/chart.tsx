import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { whole } from "../../base/format.ts";
import { type Column, type ColumnKind, DataTable, formatCell } from "./table.tsx";

/** How the numbers of an axis are written: whole numbers, fractions shown as percentages, or other numbers. */
type AxisKind = Extract<ColumnKind, "count" | "percent" | "number">;

/** One axis of a {@link Chart}. */
export interface Axis {
  readonly name: string;
  readonly kind: AxisKind;
  /** The ends of the axis. Default: those of the points, rounded. */
  readonly domain?: readonly [low: number, high: number];
  /** Whether powers of ten are equally far apart. Default: false. */
  readonly log?: boolean;
}

/**
 * A line of a chart. `look`: `main` stands out, `faint` is in the background, `guide` is a dashed line that is compared to
 * and has no values of its own; a number is one of ten colors, for lines of equal standing.
 */
export interface Series {
  readonly name: string;
  readonly look: "main" | "faint" | "guide" | number;
  /** By increasing x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Whether every point has a dot. Default: false. */
  readonly dots?: boolean;
  /** Whether a line connects the points. Default: true. */
  readonly line?: boolean;
}

interface ChartProps {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Faint lines without names and values. */
  readonly background?: readonly Series["points"][];
}

const [WIDTH, HEIGHT] = [480, 230];
const PLOT = { left: 60, right: 24, top: 10, bottom: 40 };
const TICKS = 5;
/** The radius of dots. */
const DOT = 4;

/** Where lines are drawn, with room for dots at its edges; what goes beyond the ends of an axis is cut off. */
const frame = (() => {
  const [x, y] = [PLOT.left - DOT, PLOT.top - DOT];
  const [width, height] = [WIDTH - PLOT.right + DOT - x, HEIGHT - PLOT.bottom + DOT - y];
  return { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}` };
})();

/** The class of a line's color. */
const lookOf = ({ look }: Pick<Series, "look">): string => (typeof look === "number" ? `color-${look % 10}` : look);

/**
 * Lines over two axes. It can be read with a pointer, with the arrow keys, as a slider that says the values at its place,
 * and as a table.
 */
export function Chart({ title, x, y, series, background = [] }: ChartProps) {
  const [place, setPlace] = useState<number>();
  const [isLive, setLive] = useState(false);
  const [isOpen, setOpen] = useState(false);
  // The table is in the page without scripts; with them, it is made when it is opened, and once for the series.
  const hasTable = !isLive || isOpen;
  const { measured, places, behind } = useMemo(() => {
    const measured = series.filter(({ look }) => look !== "guide");
    const places = [...new Set(measured.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
    const behind = hasTable && <Behind title={title} x={x} y={y} series={measured} places={places} />;
    return { measured, places, behind };
  }, [title, x, y, series, hasTable]);
  useEffect(() => setLive(true), []);
  const drawing = useRef<SVGSVGElement>(null);

  const scaleX = scaleOf(
    x,
    series.flatMap(({ points }) => points.map(([at]) => at)),
  ).range([PLOT.left, WIDTH - PLOT.right]);
  const scaleY = scaleOf(
    y,
    series.flatMap(({ points }) => points.map(([, at]) => at)),
  ).range([HEIGHT - PLOT.bottom, PLOT.top]);
  const path = line<readonly [number, number]>()
    .x(([at]) => rounded(scaleX(at)))
    .y(([, at]) => rounded(scaleY(at)));

  const at = place === undefined ? undefined : places[place];
  const values = at === undefined ? [] : measured.flatMap((of) => valueAt(of, at));
  const spoken =
    at === undefined
      ? "use the arrow keys to read values"
      : `${x.name} ${formatCell(at, x.kind)}: ${values.map(({ name, value }) => `${name} ${formatCell(value, y.kind)}`).join(", ")}`;

  const onPointerMove = (event: PointerEvent) => {
    const box = drawing.current!.getBoundingClientRect();
    const wanted = scaleX.invert(((event.clientX - box.left) / box.width) * WIDTH);
    setPlace(nearest(places, wanted));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: (place ?? -1) + 1,
      ArrowUp: (place ?? -1) + 1,
      ArrowLeft: (place ?? places.length) - 1,
      ArrowDown: (place ?? places.length) - 1,
      PageUp: (place ?? 0) + Math.ceil(places.length / 10),
      PageDown: (place ?? 0) - Math.ceil(places.length / 10),
      Home: 0,
      End: places.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    setPlace(Math.min(places.length - 1, Math.max(0, to)));
    event.preventDefault();
  };

  return (
    <figure class="chart">
      <Key
        series={series}
        values={values}
        kind={y.kind}
        at={at === undefined ? undefined : `${x.name} ${formatCell(at, x.kind)}`}
      />
      <svg
        ref={drawing}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        aria-label={title}
        {...(isLive
          ? {
              role: "slider",
              tabindex: 0,
              "aria-valuemin": 0,
              "aria-valuemax": Math.max(0, places.length - 1),
              "aria-valuenow": place ?? 0,
              "aria-valuetext": spoken,
            }
          : { role: "img" })}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setPlace(undefined)}
        onBlur={() => setPlace(undefined)}
        onKeyDown={onKeyDown}
      >
        {ticksOf(scaleY, y).map((tick) => (
          <g key={`y${tick}`}>
            <path class="grid" d={`M${PLOT.left} ${rounded(scaleY(tick))}H${WIDTH - PLOT.right}`} />
            <text x={PLOT.left - 7} y={rounded(scaleY(tick)) + 4} text-anchor="end">
              {tickText(tick, y)}
            </text>
          </g>
        ))}
        {ticksOf(scaleX, x).map((tick) => (
          <text key={`x${tick}`} x={rounded(scaleX(tick))} y={HEIGHT - PLOT.bottom + 17} text-anchor="middle">
            {tickText(tick, x)}
          </text>
        ))}
        <text class="axis" x={(PLOT.left + WIDTH - PLOT.right) / 2} y={HEIGHT - 4} text-anchor="middle">
          {x.name}
        </text>
        <svg {...frame} aria-hidden="true">
          {background.map((points) => (
            <g class="faint">
              <path class="line" d={path(points) ?? ""} />
            </g>
          ))}
          {series.map((of) => (
            <g key={of.name} class={lookOf(of)}>
              {of.line !== false && (
                <path
                  class="line"
                  d={path(of.points.filter(([a, b]) => Number.isFinite(scaleX(a)) && Number.isFinite(scaleY(b)))) ?? ""}
                />
              )}
              {of.dots && (
                <path
                  class="dots"
                  d={of.points.map(([a, b]) => `M${rounded(scaleX(a))} ${rounded(scaleY(b))}h0`).join("")}
                />
              )}
            </g>
          ))}
          {at !== undefined && (
            <g class="cursor">
              <path d={`M${rounded(scaleX(at))} ${PLOT.top}V${HEIGHT - PLOT.bottom}`} />
              {values.map(({ name, look, value }) => (
                <circle key={name} class={look} cx={rounded(scaleX(at))} cy={rounded(scaleY(value))} r={DOT} />
              ))}
            </g>
          )}
        </svg>
      </svg>
      <details class="behind" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>Numbers</summary>
        {behind}
      </details>
    </figure>
  );
}

interface KeyProps {
  readonly series: readonly Series[];
  readonly values: readonly Value[];
  readonly kind: AxisKind;
  /** The place that the values are of; undefined where nothing is pointed at. */
  readonly at: string | undefined;
}

/** The names of the lines, with their values where the chart is pointed at. */
const Key = ({ series, values, kind, at }: KeyProps) => (
  <div class="key small">
    {series.map((of) => {
      const value = values.find(({ name }) => name === of.name)?.value;
      return (
        <span key={of.name} class={lookOf(of)}>
          {of.name}
          {value !== undefined && <b> {formatCell(value, kind)}</b>}
        </span>
      );
    })}
    {at !== undefined && <span class="at">at {at}</span>}
  </div>
);

interface Value {
  readonly name: string;
  readonly look: string;
  readonly value: number;
}

function valueAt(of: Series, at: number): readonly Value[] {
  const point = of.points.find(([x]) => x === at);
  return point ? [{ name: of.name, look: lookOf(of), value: point[1] }] : [];
}

interface BehindProps extends ChartProps {
  readonly places: readonly number[];
}

function Behind({ title, x, y, series, places }: BehindProps) {
  const columns: readonly Column[] = [x, ...series.map(({ name }) => ({ name, kind: y.kind }))];
  const values = series.map(({ points }) => new Map(points));
  const rows = places.map((at) => [at, ...values.map((of) => of.get(at) ?? null)]);
  return <DataTable label={title} columns={columns} rows={rows} sortable={false} />;
}

/** A scale over the axis's ends, or over the values, rounded outward. */
function scaleOf({ domain, log }: Axis, values: readonly number[]) {
  const finite = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  const [low, high] = domain ?? [Math.min(...finite), Math.max(...finite)];
  const scale = (log ? scaleLog() : scaleLinear()).domain(low < high ? [low, high] : [low - 0.5, low + 0.5]);
  return domain ? scale : scale.nice();
}

type Scale = ReturnType<typeof scaleOf>;

/** Round values along an axis; of a logarithmic one only powers of ten, unless there are too few. */
function ticksOf(scale: Scale, { kind, log }: Axis): readonly number[] {
  const ticks = scale.ticks(TICKS);
  if (log) {
    const powers = ticks.filter((tick) => Number.isInteger(Math.log10(tick)));
    return powers.length > 1 ? powers : ticks;
  }
  return kind === "count" ? ticks.filter(Number.isInteger) : ticks;
}

/** 0.5 as 50 %, 12,345, 0.25 */
function tickText(tick: number, { kind }: Axis): string {
  if (kind === "percent") return `${Number((100 * tick).toFixed(2))} %`;
  return kind === "count" ? whole(tick) : String(Number(tick.toPrecision(3)));
}

const rounded = (x: number): number => Math.round(10 * x) / 10;

/** The place of the number that is closest; the numbers increase. */
function nearest(numbers: readonly number[], wanted: number): number {
  const after = numbers.findIndex((number) => number >= wanted);
  if (after < 0) return numbers.length - 1;
  return after > 0 && wanted - numbers[after - 1]! < numbers[after]! - wanted ? after - 1 : after;
}
