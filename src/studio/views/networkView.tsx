import { state } from "../store.ts";
import { texts } from "../texts.ts";
import { TilePixels } from "./canvas.tsx";

/** 1,900,000 as 1.9 M. */
const short = (count: number): string =>
  count >= 1e6
    ? `${(count / 1e6).toPrecision(3)} M`
    : count >= 1e4
      ? `${(count / 1e3).toPrecision(3)} k`
      : String(count);

/** The stages of the network, with what each makes of the picture that is tried. */
export function NetworkView() {
  const network = state.network.value?.network ?? state.plan.value;
  return (
    <>
      <div class="head below">
        <h3>{texts.network}</h3>
        {network && (
          <span class="soft small">{texts.size(short(network.parameters), short(network.multiplyAdds))}</span>
        )}
      </div>
      <Stages />
    </>
  );
}

function Stages() {
  const inside = state.inside.value;
  if (!inside) return <p class="soft small">{texts.networkEmpty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable with the keyboard
    <ol class="stages" tabIndex={0} aria-label={texts.network}>
      {inside.stages.map(({ name, type, shape, tiles }, k) => (
        <li key={name}>
          <b title={name}>{type}</b>
          <span class="soft">{shape.join("×")}</span>
          <TilePixels tiles={tiles} />
          {k === 1 && inside.filters && (
            <>
              <span class="soft">{texts.filters}</span>
              <TilePixels tiles={inside.filters} />
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
