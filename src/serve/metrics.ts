/** Values of labels, by name. */
type Labels = Readonly<Record<string, string | number>>;

/** {path="/v1/predict",status="200"} in the text format of Prometheus. */
function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const escaped = String(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    return `${name}="${escaped}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** What is kept for each combination of labels, found by their values alone: that is done several times for each request. */
class Series<T> {
  readonly #found = new Map<string, readonly [Labels, T]>();
  readonly #start: () => T;

  constructor(start: () => T) {
    this.#start = start;
  }

  of(labels: Labels): T {
    const key = Object.values(labels).join("\0");
    let found = this.#found.get(key);
    if (!found) this.#found.set(key, (found = [labels, this.#start()]));
    return found[1];
  }

  all(): Iterable<readonly [Labels, T]> {
    return this.#found.values();
  }
}

/** Something measured, as the lines of one name. */
interface Metric {
  lines(): readonly string[];
}

const head = (name: string, type: string, help: string): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

/** A number that only grows, for each combination of labels. */
export class Counter implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #series = new Series(() => ({ count: 0 }));

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  add(labels: Labels, by = 1): void {
    this.#series.of(labels).count += by;
  }

  lines(): readonly string[] {
    const values = Array.from(
      this.#series.all(),
      ([labels, { count }]) => `${this.#name}${formatLabels(labels)} ${count}`,
    );
    return [...head(this.#name, "counter", this.#help), ...values];
  }
}

/** How often values fall below each of some bounds, for each combination of labels. */
export class Histogram implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series: Series<{ counts: number[]; sum: number }>;

  /** `bounds` are inclusive and increase. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = [...bounds, Number.POSITIVE_INFINITY];
    this.#series = new Series(() => ({ counts: this.#bounds.map(() => 0), sum: 0 }));
  }

  observe(labels: Labels, value: number): void {
    const series = this.#series.of(labels);
    series.counts[this.#bounds.findIndex((bound) => value <= bound)]!++;
    series.sum += value;
  }

  lines(): readonly string[] {
    const lines = [...head(this.#name, "histogram", this.#help)];
    for (const [labels, { counts, sum }] of this.#series.all()) {
      let below = 0;
      for (const [k, bound] of this.#bounds.entries()) {
        below += counts[k]!;
        const le = bound === Number.POSITIVE_INFINITY ? "+Inf" : bound;
        lines.push(`${this.#name}_bucket${formatLabels({ ...labels, le })} ${below}`);
      }
      const text = formatLabels(labels);
      lines.push(`${this.#name}_sum${text} ${sum}`, `${this.#name}_count${text} ${below}`);
    }
    return lines;
  }
}

/** A number that is read when it is asked for. */
export class Gauge implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #read: () => number;

  constructor(name: string, help: string, read: () => number) {
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  lines(): readonly string[] {
    return [...head(this.#name, "gauge", this.#help), `${this.#name} ${this.#read()}`];
  }
}

/** The media type of {@link formatMetrics}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Metrics in the text format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/.
 */
export const formatMetrics = (metrics: readonly Metric[]): string =>
  `${metrics.flatMap((metric) => metric.lines()).join("\n")}\n`;
