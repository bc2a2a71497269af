import { useEffect, useRef } from "preact/hooks";
import { percent } from "../../base/format.ts";
import type { Image } from "../../image/image.ts";
import { actions } from "../actions.ts";
import type { Inside } from "../inside.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";
import { ImagePixels } from "./canvas.tsx";
import { AddTried } from "./data/addTried.tsx";
import { Section } from "./section.tsx";

/** The side of the drawing, and the width of its strokes, in pixels. */
const [SIDE, STROKE] = [280, 24];

/** Draws a G, so that there is something to look at from the start. */
function drawFirst(context: CanvasRenderingContext2D): void {
  context.beginPath();
  context.moveTo(200, 92);
  context.bezierCurveTo(170, 40, 70, 50, 66, 140);
  context.bezierCurveTo(64, 230, 160, 250, 206, 206);
  context.lineTo(206, 156);
  context.lineTo(150, 156);
  context.stroke();
}

/** Draw, drop or choose a picture, and see what the network makes of it. */
export function TryView() {
  const pad = useRef<HTMLCanvasElement>(null);
  const context = () => pad.current!.getContext("2d", { willReadFrequently: true })!;
  const look = () => void actions.look(context().getImageData(0, 0, SIDE, SIDE));
  const clear = () => {
    context().fillRect(0, 0, SIDE, SIDE);
    look();
  };
  useEffect(() => {
    const drawing = context();
    Object.assign(drawing, { fillStyle: "#000", strokeStyle: "#fff", lineWidth: STROKE });
    Object.assign(drawing, { lineCap: "round", lineJoin: "round" });
    drawing.fillRect(0, 0, SIDE, SIDE);
    drawFirst(drawing);
    look();
  }, []);

  const show = async (file: Blob) => {
    await actions.look(file);
    const bitmap = await createImageBitmap(file).catch(() => undefined); // only to show it
    if (!bitmap) return;
    const scale = SIDE / Math.max(bitmap.width, bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    context().fillRect(0, 0, SIDE, SIDE);
    context().drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  };
  const example = () => {
    const all = state.data.value?.classes.flatMap(({ samples }) => samples) ?? [];
    const image = all[Math.floor(Math.random() * all.length)];
    if (!image) return;
    void actions.look({ width: image.width, height: image.height, channels: image.channels, data: image.pixels });
    showImage(context(), image);
  };
  useEffect(() => {
    const onPaste = ({ clipboardData }: ClipboardEvent) => {
      const file = clipboardData?.files[0];
      if (file) void show(file);
    };
    document.addEventListener("paste", onPaste);
    return () => document.removeEventListener("paste", onPaste);
  }, []);

  return (
    <Section
      id="try"
      title={texts.tryIt}
      actions={
        <>
          <button type="button" class="small" onClick={example}>
            {texts.example}
          </button>
          <button type="button" class="small" onClick={clear}>
            {texts.clear}
          </button>
        </>
      }
    >
      <Pad pad={pad} context={context} look={look} />
      <p class="small">
        <label class="button">
          {texts.choosePicture}
          <input
            type="file"
            accept="image/*"
            onChange={({ currentTarget: { files } }) => void (files?.[0] && show(files[0]))}
          />
        </label>{" "}
        <span class="soft">{texts.tryHow}</span>
      </p>
      <AddTried />
      <Answer />
    </Section>
  );
}

interface PadProps {
  readonly pad: { current: HTMLCanvasElement | null };
  readonly context: () => CanvasRenderingContext2D;
  readonly look: () => void;
}

/** The drawing. */
function Pad({ pad, context, look }: PadProps) {
  const pending = useRef(0);
  const isDown = useRef(false);
  const place = ({ offsetX, offsetY }: PointerEvent): [number, number] => {
    const scale = SIDE / pad.current!.clientWidth;
    return [offsetX * scale, offsetY * scale];
  };
  const later = () => {
    pending.current ||= requestAnimationFrame(() => {
      pending.current = 0;
      look();
    });
  };
  const onPointerDown = (event: PointerEvent) => {
    isDown.current = true;
    pad.current!.setPointerCapture(event.pointerId);
    context().beginPath();
    context().moveTo(...place(event));
    onPointerMove(event);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!isDown.current) return;
    context().lineTo(...place(event));
    context().stroke();
    later();
  };
  const onPointerUp = () => {
    isDown.current = false;
  };
  return (
    <canvas
      ref={pad}
      class="pad"
      width={SIDE}
      height={SIDE}
      role="img"
      aria-label={texts.pad}
      {...{ onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp }}
    />
  );
}

function showImage(context: CanvasRenderingContext2D, { width, height, channels, pixels }: Image): void {
  const small = new OffscreenCanvas(width, height);
  const drawn = new ImageData(width, height);
  for (let p = 0; p < width * height; p++)
    for (let c = 0; c < 4; c++)
      drawn.data[4 * p + c] = c === 3 ? 255 : pixels[p * channels + Math.min(c, channels - 1)]!;
  small.getContext("2d")!.putImageData(drawn, 0, 0);
  context.imageSmoothingEnabled = false;
  context.fillRect(0, 0, SIDE, SIDE);
  context.drawImage(small, 0, 0, SIDE, SIDE);
}

/** The most classes that are shown. */
const MOST_SHOWN = 12;

/** The answer, the probabilities, and the picture as the network sees it. */
function Answer() {
  const inside = state.inside.value;
  const classes = state.network.value?.classes ?? [];
  if (!inside) return <p class="soft small">{texts.untrained}</p>;
  const { probabilities, isBlank } = inside;
  const best = probabilities.indexOf(Math.max(...probabilities));
  const shown = probabilities
    .map((probability, k) => ({ probability, k }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, MOST_SHOWN)
    .sort((a, b) => a.k - b.k);
  return (
    <>
      {isBlank && <p class="note-box small">{texts.blank}</p>}
      <Verdict name={classes[best] ?? ""} probability={probabilities[best]!} />
      <dl class="odds" aria-label={texts.probabilities}>
        {shown.map(({ probability, k }) => (
          <>
            <dt class={k === best ? "suggested" : ""}>{classes[k]}</dt>
            <dd>
              <i
                class={`bar ${k === best ? "suggested" : ""}`}
                style={{ backgroundSize: `${100 * probability}% 100%` }}
                aria-hidden="true"
              />
              <span class="number">{percent(probability)} %</span>
            </dd>
          </>
        ))}
      </dl>
      <Thresholds />
      <Seen {...inside} />
    </>
  );
}

const thresholdNow = () => state.tested.value?.thresholds.find(({ target }) => target === state.target.value);

/** The answer, or that the network does not know, where it is not certain enough. */
function Verdict({ name, probability }: { readonly name: string; readonly probability: number }) {
  const isKnown = probability >= (thresholdNow()?.threshold ?? 0);
  return (
    <p class="verdict">
      <b class="big">{isKnown ? name : texts.dontKnow}</b>
      <span class="soft">{isKnown ? `${percent(probability)} %` : texts.perhaps(name)}</span>
    </p>
  );
}

/** How certain an answer must be. */
function Thresholds() {
  const thresholds = state.tested.value?.thresholds ?? [];
  if (thresholds.length === 0) return null;
  return (
    <label class="field wide-field">
      <span>{texts.answerIf}</span>
      <select
        value={String(thresholdNow()?.target ?? "")}
        onChange={({ currentTarget: { value } }) => (state.target.value = value === "" ? undefined : Number(value))}
      >
        <option value="">{texts.always}</option>
        {thresholds.map(({ target, coverage }) => (
          <option value={String(target)}>{texts.sureTo(percent(target), percent(coverage))}</option>
        ))}
      </select>
    </label>
  );
}

/** The picture as the network sees it, what was done to it, and where the network looks. */
function Seen({ seen, steps, explanation }: Inside) {
  const isOn = state.explains.value;
  const isTraining = state.activity.value === "training";
  return (
    <details class="small">
      <summary class="soft">{texts.prepared}</summary>
      <div class="prepared">
        <ImagePixels image={seen} label={texts.seen} />
        <ul class="list">
          {steps.map((step) => (
            <li>{step}</li>
          ))}
        </ul>
        {isOn && explanation && (
          <>
            <ImagePixels image={explanation.image} label={texts.explain} />
            <p class="soft">{texts.explained[explanation.method]}</p>
          </>
        )}
      </div>
      <p>
        <button
          type="button"
          class="small"
          aria-pressed={isOn}
          disabled={isTraining}
          onClick={() => actions.explain(!isOn)}
        >
          {texts.explain}
        </button>
      </p>
    </details>
  );
}
