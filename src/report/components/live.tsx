import type { ComponentType } from "preact";
import { printableJson, printableText } from "../../base/printable.ts";
import { Chart } from "./chart.tsx";
import { EmbeddingMap } from "./map.tsx";
import { ConfusionMatrix } from "./matrix.tsx";
import { Gallery } from "./pictures.tsx";
import { DataTable } from "./table.tsx";

/** The components that a page's script brings to life, by name. */
export const liveComponents = { Chart, ConfusionMatrix, DataTable, EmbeddingMap, Gallery };

type Name = keyof typeof liveComponents;

/** JSON that can stand inside of a script element, which no text can close early, and whose direction none can change. */
export const scriptJson = (value: unknown): string => printableJson(value).replaceAll("<", "\\u003c");

/** Properties as the component shows them at first, see `renderPage`. */
const shownJson = (props: unknown): string =>
  scriptJson(
    JSON.parse(JSON.stringify(props), (_, value) => (typeof value === "string" ? printableText(value) : value)),
  );

/**
 * A component that the page's script brings to life: it stands here as it looks at first, followed by its properties, which
 * are plain data.
 */
export function Live<N extends Name>({
  of,
  props,
}: {
  readonly of: N;
  readonly props: Parameters<(typeof liveComponents)[N]>[0];
}) {
  const Component = liveComponents[of] as ComponentType<typeof props>;
  return (
    <>
      <div data-live={of}>
        <Component {...props} />
      </div>
      <script type="application/json" dangerouslySetInnerHTML={{ __html: shownJson(props) }} />
    </>
  );
}
