import { toBase64 } from "../../../base/bytes.ts";
import { whole } from "../../../base/format.ts";
import type { Model } from "../../../model/model.ts";
import { summarize } from "../../../model/summary.ts";
import { Live } from "../../components/live.tsx";
import type { NamedAccuracy } from "../../describeRobustness.ts";
import { drawModel } from "../../drawModel.ts";
import type { Part } from "../page.tsx";

/** The models of an ensemble, with what each has alone. */
export const membersPart = (members: readonly NamedAccuracy[]): Part => ({
  id: "members",
  title: "Models",
  note: "that answer together, by the mean of their probabilities; what each has alone",
  content: (
    <Live
      of="DataTable"
      props={{
        label: "Accuracy of each model alone",
        columns: [
          { name: "model", kind: "text" },
          { name: "accuracy", kind: "percent" },
        ],
        rows: members.map(({ name, accuracy, interval }) => [name, [accuracy, ...interval]]),
      }}
    />
  ),
});

/** The layers as a table and as a drawing. */
export function modelPart(model: Model): Part {
  const layers = summarize(model);
  const sum = (of: (layer: (typeof layers)[number]) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  const drawing = `data:image/svg+xml;base64,${toBase64(new TextEncoder().encode(drawModel(model)))}`;
  return {
    id: "model",
    title: "Model",
    note: `${whole(sum(({ parameters }) => parameters))} parameters, ${whole(sum(({ multiplyAdds }) => multiplyAdds))} multiply-adds an image`,
    content: (
      <>
        <Live
          of="DataTable"
          props={{
            label: "Layers of the model",
            columns: [
              { name: "layer", kind: "text" },
              { name: "type", kind: "text" },
              { name: "output", kind: "text" },
              { name: "parameters", kind: "count" },
              { name: "multiply-adds", kind: "count" },
            ],
            rows: layers.map(({ name, type, outputShape, parameters, multiplyAdds }) => [
              name,
              type,
              outputShape.join(" × "),
              parameters,
              multiplyAdds,
            ]),
          }}
        />
        <details class="behind">
          <summary>Graph</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard */}
          <section class="scroll" aria-label="Graph of the model" tabIndex={0}>
            <img
              class="drawing"
              src={drawing}
              alt="The layers of the model, each below its inputs, as in the table above"
            />
          </section>
        </details>
      </>
    ),
  };
}
