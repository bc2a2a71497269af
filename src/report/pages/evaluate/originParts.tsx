import { toBase64 } from "../../../base/bytes.ts";
import { whole } from "../../../base/format.ts";
import type { Model } from "../../../model/model.ts";
import { summarize } from "../../../model/summary.ts";
import type { TrainingSpec } from "../../../training/index.ts";
import { Facts } from "../../components/facts.tsx";
import { Live } from "../../components/live.tsx";
import { drawModel } from "../../drawModel.ts";
import type { Part } from "../page.tsx";

/** The software and hardware of a training or an evaluation, as lines of a name and what it is. */
export type Environment = readonly (readonly [name: string, value: string])[];

/** What reproduces an evaluation. */
export interface Reproduction {
  readonly weightsSha256: string;
  /** Names of data sets, with the fingerprints of their images. */
  readonly fingerprints: readonly (readonly [name: string, fingerprint: string])[];
  /** Command lines, in order. */
  readonly commands: readonly string[];
  readonly environment: Environment;
  /** The training with all its settings, if the model is that of a run. */
  readonly config?: TrainingSpec | undefined;
}

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

/** Everything that it takes to get the same numbers again. */
export function originPart({ weightsSha256, fingerprints, commands, environment, config }: Reproduction): Part {
  return {
    id: "origin",
    title: "How to get these numbers again",
    short: "Origin",
    content: (
      <>
        <pre class="commands">{commands.join("\n")}</pre>
        <Facts
          items={[
            ["SHA-256 of the weights", <code>{weightsSha256}</code>],
            ...fingerprints.map(
              ([name, fingerprint]) => [`Fingerprint of ${name}`, <code>{fingerprint}</code>] as const,
            ),
            ...environment,
          ]}
        />
        {config && (
          <details class="behind">
            <summary>Settings of the training</summary>
            <pre class="commands">{JSON.stringify(config, undefined, 2)}</pre>
          </details>
        )}
      </>
    ),
  };
}
