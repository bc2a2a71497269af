import type { TrainingSpec } from "../../training/index.ts";
import { Facts } from "../components/facts.tsx";
import type { Part } from "./page.tsx";

/** What reproduces the numbers of a page. */
export interface Reproduction {
  /** Command lines, in order. */
  readonly commands: readonly string[];
  /** What the weights and the images hash to, by what each hash is of. */
  readonly hashes: readonly (readonly [name: string, hash: string])[];
  /** The software and hardware of a training or an evaluation, as lines of a name and what it is. */
  readonly environment?: readonly (readonly [name: string, value: string])[];
  /** The training with all its settings, if the model is that of a run. */
  readonly config?: TrainingSpec | undefined;
}

/** Everything that it takes to get the same numbers again. */
export function originPart({ commands, hashes, environment = [], config }: Reproduction): Part {
  return {
    id: "origin",
    title: "How to get these numbers again",
    short: "Origin",
    content: (
      <>
        <pre class="commands">{commands.join("\n")}</pre>
        <Facts items={[...hashes.map(([name, hash]) => [name, <code>{hash}</code>] as const), ...environment]} />
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
