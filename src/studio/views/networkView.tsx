import { Fragment } from "preact";
import { useState } from "preact/hooks";
import type { Stage } from "../inside.ts";
import { type StageLayer, stagesOf } from "../stages.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { TilePixels } from "./canvas.tsx";
import { compact } from "./compact.ts";
import { lazy } from "./lazy.tsx";

const NetworkEditor = lazy(async () => (await import("./networkEditor.tsx")).NetworkEditor);

/** The stages of the network, with what each makes of the picture that is tried, and an editor for its layers. */
export function NetworkView() {
  const [isEdited, setEdited] = useState(false);
  const network = state.network.value?.network ?? state.plan.value;
  const problem = state.plan.value?.problem;
  return (
    <>
      <div class="head below">
        <h3>{texts.network}</h3>
        {network && (
          <span class="soft small">{texts.size(compact(network.parameters), compact(network.multiplyAdds))}</span>
        )}
        <span class="actions">
          <button type="button" class="small" aria-expanded={isEdited} onClick={() => setEdited(!isEdited)}>
            {isEdited ? texts.closeEditor : texts.editNetwork}
          </button>
        </span>
      </div>
      {problem && !isEdited && (
        <p class="note-box small" role="alert">
          {problem.message}
        </p>
      )}
      {isEdited && <NetworkEditor />}
      <Stages />
    </>
  );
}

/** conv2d with a kernel of 5×5 as conv 5×5, maxPool2d as max pool. */
function titleOf(type: string): string {
  const words = type.replace(/2d$/, "").replaceAll(/([A-Z])/g, " $1");
  return words.toLowerCase();
}

/** The stages of the network that would be trained. */
function planned(): readonly StageLayer[] {
  const [plan, shape] = [state.plan.value, state.data.value?.imageShape];
  if (!plan || !shape) return [];
  const layers = plan.layers.map(({ config: { name, type }, ...layer }) => ({ ...layer, name, type }));
  return stagesOf([{ name: "input", type: "input", shape, multiplyAdds: 0 }, ...layers]);
}

/** What each stage makes of the picture or, before a training, which stages there are. */
function Stages() {
  const inside = state.inside.value;
  const stages: readonly (Pick<StageLayer, "name" | "type" | "shape"> & Partial<Stage>)[] = inside?.stages ?? planned();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable with the keyboard
    <ol class="stages" tabIndex={0} aria-label={texts.stages}>
      {stages.map(({ name, type, shape, tiles }, k) => (
        <Fragment key={name}>
          <StageTile name={name} title={titleOf(type)} size={shape} tiles={tiles} />
          {k === 1 && inside?.filters && (
            <StageTile
              name={texts.filtersOf(name)}
              title={texts.filters}
              size={[inside.filters.height, inside.filters.width]}
              tiles={inside.filters}
            />
          )}
        </Fragment>
      ))}
    </ol>
  );
}

interface StageTileProps {
  readonly name: string;
  readonly title: string;
  readonly size: readonly number[];
  readonly tiles: Stage["tiles"] | undefined;
}

const StageTile = ({ name, title, size, tiles }: StageTileProps) => (
  <li title={name}>
    <b>{title}</b>
    <span class="soft">{size.join("×")}</span>
    {tiles ? <TilePixels tiles={tiles} /> : <i class="no-tile" />}
  </li>
);
