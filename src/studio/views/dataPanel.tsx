import { useEffect, useState } from "preact/hooks";
import { whole } from "../../base/format.ts";
import type { Image } from "../../image/image.ts";
import { Bar } from "../../report/components/bar.tsx";
import { actions, state } from "../store.ts";
import { texts } from "../texts.ts";
import type { ClassSummary } from "../workbench.ts";
import { ImagePixels } from "./canvas.tsx";
import { Section } from "./section.tsx";

/** Images that are added at once. */
const AT_ONCE = 60;

/** The data: where to drop them, their classes with images, and how they are divided. */
export function DataPanel() {
  const data = state.data.value;
  const [open, setOpen] = useState<number>();
  const note = data && texts.images(whole(data.images), whole(data.classes.length));
  return (
    <Section id="data" title={texts.data} note={note}>
      <DropZone />
      {data && (
        <ul class="class-list">
          {data.classes.map((one, label) => (
            <ClassRow
              key={`${data.source} ${one.name}`}
              {...{ one, label, isOpen: open === label }}
              onToggle={() => setOpen(open === label ? undefined : label)}
            />
          ))}
        </ul>
      )}
      <Divided />
      {data?.reading && data.source !== "letters" && <p class="soft small">{data.reading}</p>}
      {data && data.skipped.length > 0 && (
        <details class="small">
          <summary>{texts.skipped(whole(data.skipped.length))}</summary>
          <ul class="list">
            {data.skipped.slice(0, 100).map(({ name, reason }) => (
              <li>
                {name}: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}

function DropZone() {
  const chosen = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    if (input.files?.length) void actions.openChosen(input.files, texts.opening).then(() => (input.value = ""));
  };
  return (
    <div class="drop">
      <b>{texts.drop}</b>
      <span class="small soft">{texts.dropHow}</span>
      <span class="choices">
        <label class="button">
          {texts.chooseFiles}
          <input type="file" multiple onChange={chosen} />
        </label>
        <label class="button">
          {texts.chooseFolder}
          <input type="file" {...{ webkitdirectory: true }} onChange={chosen} />
        </label>
        {state.data.value?.source !== "letters" && (
          <button type="button" onClick={() => actions.openLetters(texts.opening)}>
            {texts.letters}
          </button>
        )}
      </span>
    </div>
  );
}

interface ClassRowProps {
  readonly one: ClassSummary;
  readonly label: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

/** A class: its name, some of its images, and all of them where it is opened. */
const ClassRow = ({ one, label, isOpen, onToggle }: ClassRowProps) => (
  <li>
    <button type="button" class="class-row" aria-expanded={isOpen} title={texts.showMore(one.name)} onClick={onToggle}>
      <b>{one.name}</b>
      <span class="samples">
        {one.samples.map((image, k) => (
          <ImagePixels key={k} image={image} />
        ))}
      </span>
      <span class="soft small">{whole(one.images)}</span>
    </button>
    {isOpen && <ClassImages one={one} label={label} />}
  </li>
);

function ClassImages({ one, label }: Pick<ClassRowProps, "one" | "label">) {
  const [images, setImages] = useState<readonly Image[]>([]);
  const more = async () => {
    const next = await actions.images(label, images.length, AT_ONCE);
    if (next) setImages([...images, ...next]);
  };
  useEffect(() => void more(), []);
  return (
    <>
      <div class="class-images" role="img" aria-label={`${images.length} images of ${one.name}`}>
        {images.map((image, k) => (
          <ImagePixels key={k} image={image} />
        ))}
      </div>
      {images.length < one.images && images.length > 0 && (
        <button type="button" class="small" onClick={more}>
          {texts.moreImages}
        </button>
      )}
    </>
  );
}

/** How the images are divided, as a bar and in words. */
function Divided() {
  const division = state.division.value;
  if (!division) return null;
  const { training, validation, test, warnings } = division;
  const all = training + validation + test || 1;
  return (
    <>
      <Bar
        pieces={[
          { share: training / all, class: "training" },
          { share: validation / all, class: "validation" },
          { share: test / all, class: "test" },
        ]}
      />
      <p class="soft small">{texts.division(whole(training), whole(validation), whole(test))}</p>
      {warnings.map((warning) => (
        <p class="note-box small">{warning}</p>
      ))}
    </>
  );
}
