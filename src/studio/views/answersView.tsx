import { whole } from "../../base/format.ts";
import { ConfusionMatrix } from "../../report/components/matrix.tsx";
import { Gallery } from "../../report/components/pictures.tsx";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { Section } from "./section.tsx";

/** Which classes are taken for which: of validation images while it trains, of test images at the end. */
export function ConfusionView() {
  const confusion = state.confusion.value;
  const classes = state.network.value?.classes;
  if (!confusion || !classes) return null;
  return (
    <Section id="confusion" title={texts.answers} note={state.tested.value ? texts.ofTest : texts.ofValidation}>
      <ConfusionMatrix classes={classes} confusion={confusion} imagesAtOnce={12} />
    </Section>
  );
}

/** The test images that the network is wrong about, the most certain first. */
export function MistakesView() {
  const tested = state.tested.value;
  const images = state.result.value?.test.count ?? 0;
  const note = tested && texts.mistakesOf(whole(tested.mistakes.length), whole(images));
  return (
    <Section id="mistakes" title={texts.mistakes} note={note}>
      {tested ? (
        tested.mistakes.length > 0 ? (
          <Gallery images={tested.mistakes} atOnce={12} />
        ) : (
          <p>{texts.noMistakes}</p>
        )
      ) : (
        <p class="soft small">{texts.mistakesEmpty}</p>
      )}
    </Section>
  );
}
