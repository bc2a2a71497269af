import { useState } from "preact/hooks";
import { percent, points, whole } from "../../base/format.ts";

/**
 * What a column holds: text, whole numbers, fractions shown as percentages, differences of fractions in points, means of whole
 * numbers with two decimals, or other numbers with three digits.
 */
export type ColumnKind = "text" | "count" | "percent" | "points" | "mean" | "number";

/** A column of a {@link DataTable}. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** An explanation, shown when pointed at. */
  readonly note?: string;
}

/** A value; a number with the two ends of its interval; or null where there is none. */
export type Cell = string | number | readonly [value: number, low: number, high: number] | null;

/** A table of more rows than these scrolls in a frame of its own. */
const LONG = 16;

interface DataTableProps {
  /** What the table is about, for those who cannot see where it is. */
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Rows that stay below all others, such as averages. */
  readonly totals?: readonly (readonly Cell[])[];
  /** Whether a click on a column's name sorts by it. Default: true. */
  readonly sortable?: boolean;
  /** How the rows are sorted at first. Default: as they are given. */
  readonly first?: Order;
}

/** By which column rows are sorted. */
export interface Order {
  readonly column: number;
  readonly descending: boolean;
}

/** A table of plain values. The first column names the rows. */
export function DataTable({ label, columns, rows, totals = [], sortable = true, first }: DataTableProps) {
  const [order, setOrder] = useState<Order | undefined>(first);
  const sortBy = (column: number) =>
    setOrder({ column, descending: order?.column === column ? !order.descending : columns[column]!.kind !== "text" });
  const direction = order?.descending ? "descending" : "ascending";
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard
    <section class={rows.length > LONG ? "scroll long" : "scroll"} aria-label={label} tabIndex={0}>
      <table class="data">
        <thead>
          <tr>
            {columns.map(({ name, kind, note }, k) => (
              <th
                scope="col"
                class={k === 0 ? undefined : kind === "text" ? "text" : "number"}
                title={note}
                aria-sort={order?.column === k ? direction : undefined}
              >
                {sortable ? (
                  <button type="button" class="sort" onClick={() => sortBy(k)}>
                    {breakable(name)}
                  </button>
                ) : (
                  breakable(name)
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, order).map((row) => (
            <Row columns={columns} row={row} />
          ))}
        </tbody>
        {totals.length > 0 && (
          <tfoot>
            {totals.map((row) => (
              <Row columns={columns} row={row} />
            ))}
          </tfoot>
        )}
      </table>
    </section>
  );
}

/** A name in camel case, which lines may break before its capitals. */
const breakable = (name: string) =>
  name.split(/(?<=[a-z])(?=[A-Z])/).flatMap((word, k) => (k === 0 ? [word] : [<wbr />, word]));

const Row = ({ columns, row }: { readonly columns: readonly Column[]; readonly row: readonly Cell[] }) => (
  <tr>
    {row.map((cell, k) =>
      k === 0 ? (
        <th scope="row">
          <span class="name">{formatCell(cell, columns[k]!.kind)}</span>
        </th>
      ) : (
        <td class={columns[k]!.kind === "text" ? "text" : "number"}>
          {formatCell(cell, columns[k]!.kind)}
          {isInterval(cell) && (
            <span class="interval">
              {" "}
              {[cell[1], cell[2]].map((end) => formatNumber(end, columns[k]!.kind)).join("–")}
            </span>
          )}
        </td>
      ),
    )}
  </tr>
);

const isInterval = (cell: Cell): cell is readonly [number, number, number] => Array.isArray(cell);

const sortValue = (cell: Cell): string | number | null => (isInterval(cell) ? cell[0] : cell);

/** A cell in text, without its interval: 97.8 %; 12,345; – where there is no value. */
export function formatCell(cell: Cell, kind: ColumnKind): string {
  const value = sortValue(cell);
  if (value === null) return "–";
  if (typeof value === "string") return value;
  return kind === "percent" ? `${formatNumber(value, kind)} %` : formatNumber(value, kind);
}

/** 97.8, to be followed by the sign; 12,345; +1.1; 1.50; 0.0992 */
function formatNumber(value: number, kind: ColumnKind): string {
  if (kind === "percent") return percent(value);
  if (kind === "count") return whole(value);
  if (kind === "points") return points(value);
  return kind === "mean" ? value.toFixed(2) : String(Number(value.toPrecision(3)));
}

/** The rows in an order; what has no value comes last either way, and equal ones stay as they were. */
function sorted(rows: readonly (readonly Cell[])[], order: Order | undefined): readonly (readonly Cell[])[] {
  if (!order) return rows;
  const sign = order.descending ? -1 : 1;
  const compare = (a: string | number | null, b: string | number | null): number => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  };
  return rows.toSorted((a, b) => compare(sortValue(a[order.column]!), sortValue(b[order.column]!)));
}
