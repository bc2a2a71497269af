import { useRef, useState } from "preact/hooks";
import { whole } from "../../../base/format.ts";
import { dataActions } from "../../dataActions.ts";
import type { ClassSummary } from "../../dataSummary.ts";
import { state } from "../../state.ts";
import { texts } from "../../texts.ts";
import { ImageStrip } from "../canvas.tsx";
import { Camera } from "./camera.tsx";

/** The classes with some of their images. One that is opened can be looked at, changed and added to. */
export function ClassList() {
  const [open, setOpen] = useState<number>();
  const data = state.data.value;
  if (!data) return null;
  return (
    <>
      <ul class="class-list">
        {data.classes.map((one) => (
          <ClassRow
            key={`${data.source} ${one.label}`}
            one={one}
            isOpen={open === one.label}
            onToggle={() => setOpen(open === one.label ? undefined : one.label)}
          />
        ))}
      </ul>
      <NewClass />
    </>
  );
}

interface ClassRowProps {
  readonly one: ClassSummary;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

/** A class: its name, some of its images and how many there are. Pictures that are dropped or pasted on it are added to it. */
function ClassRow({ one, isOpen, onToggle }: ClassRowProps) {
  const onPaste = (event: ClipboardEvent) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.stopPropagation(); // the picture is not to be tried
    void dataActions.addChosen(one.label, files, texts.classes.adding);
  };
  return (
    <li data-label={one.label} onPaste={onPaste}>
      <button type="button" class="class-row" aria-expanded={isOpen} onClick={onToggle}>
        <b title={one.name}>{one.name}</b>
        <span class="samples">
          <ImageStrip images={one.samples} />
        </span>
        <span class="soft small">{whole(one.images)}</span>
      </button>
      {isOpen && <ClassTools one={one} />}
    </li>
  );
}

/** What can be done with a class. */
function ClassTools({ one }: { readonly one: ClassSummary }) {
  const [hasCamera, setCamera] = useState(false);
  const { label, name } = one;
  const t = texts.classes;
  const others = state.data.value!.classes.filter((other) => other.label !== label);
  const taken = useRef(0);
  return (
    <div class="class-tools">
      <div class="choices">
        <button type="button" onClick={() => dataActions.browse({ kind: "all", label })}>
          {t.look}
        </button>
        <label class="button">
          {t.add}
          <input
            type="file"
            multiple
            accept="image/*"
            onChange={({ currentTarget }) => {
              const { files } = currentTarget;
              if (files?.length)
                void dataActions.addChosen(label, files, t.adding).then(() => (currentTarget.value = ""));
            }}
          />
        </label>
        <button type="button" aria-pressed={hasCamera} onClick={() => setCamera(!hasCamera)}>
          {t.camera}
        </button>
      </div>
      {hasCamera && (
        <Camera
          onPictures={(pictures) =>
            void dataActions.addPictures(
              label,
              new Map(pictures.map((picture) => [`camera ${++taken.current}`, picture])),
            )
          }
          onClose={() => setCamera(false)}
        />
      )}
      <div class="class-changes">
        <label class="field">
          <span>{t.name}</span>
          <input
            type="text"
            value={name}
            onChange={({ currentTarget: { value } }) => {
              if (value !== name) void dataActions.edit([{ type: "rename", label, name: value }]);
            }}
          />
        </label>
        <label class="field">
          <span>{t.merge}</span>
          <select
            value=""
            onChange={({ currentTarget: { value } }) =>
              void dataActions.edit([{ type: "merge", label, into: Number(value) }])
            }
          >
            <option value="">–</option>
            {others.map((other) => (
              <option value={other.label}>{other.name}</option>
            ))}
          </select>
        </label>
        <button type="button" class="small" onClick={() => dataActions.edit([{ type: "delete", label }])}>
          {t.delete}
        </button>
      </div>
      <p class="soft small">{t.dropHow}</p>
    </div>
  );
}

/** A field for the name of a new class. */
function NewClass() {
  const [name, setName] = useState("");
  const add = (event: Event) => {
    event.preventDefault();
    if (name.trim() === "") return;
    void dataActions.edit([{ type: "newClass", name }]).then(() => setName(""));
  };
  return (
    <form class="new-class" onSubmit={add}>
      <input
        type="text"
        aria-label={texts.classes.newName}
        placeholder={texts.classes.newName}
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit" class="small" disabled={name.trim() === ""}>
        {texts.classes.new}
      </button>
    </form>
  );
}
