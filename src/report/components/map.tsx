import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { percent } from "../../base/format.ts";
import { clipped } from "../../base/table.ts";
import type { MapPoints } from "../pages/evaluate/mapPoints.ts";
import { Answered, PicturesContext } from "./pictures.tsx";

interface EmbeddingMapProps extends MapPoints {
  readonly title: string;
}

const SIDE = 1000;
const MARGIN = 20;
/** Images farther from the pointer than this are not meant. */
const REACH = 60;
/** Images that are shown with the one that is pointed at. */
const NEIGHBORS = 12;

/** With more classes than this, or more characters of a name, names would cover the points. */
const [NAMED, NAME] = [40, 16];

type Point = readonly [x: number, y: number];

/** The point closest to the medians of x and y, so that a name stands on one of the points. */
function middleOf(points: readonly Point[]): Point | undefined {
  const [x, y] = ([0, 1] as const).map(
    (d) => points.map((point) => point[d]).sort((a, b) => a - b)[points.length >> 1],
  );
  const distance = (point: Point) => (point[0] - x!) ** 2 + (point[1] - y!) ** 2;
  return points.length === 0 ? undefined : points.reduce((a, b) => (distance(b) < distance(a) ? b : a));
}

/**
 * Images as points, close to each other where the model sees them as similar; mistakes are ringed. The image that is pointed
 * at is shown with those next to it; arrow keys go through the mistakes, or through all images of a class that is chosen.
 */
export function EmbeddingMap({ title, classes, points, labels, answers, images }: EmbeddingMapProps) {
  const pictures = useContext(PicturesContext);
  const [shown, setShown] = useState<number>();
  const [only, setOnly] = useState(-1);
  const [isLive, setLive] = useState(false);
  useEffect(() => setLive(true), []);
  const drawing = useRef<SVGSVGElement>(null);
  const all = labels.map((_, i) => i);
  const mistakes = all.filter((i) => labels[i] !== answers[i]);
  const visited = only >= 0 ? all.filter((i) => labels[i] === only) : mistakes.length > 0 ? mistakes : all;
  const at = (i: number): Point => [points[2 * i]!, points[2 * i + 1]!];
  const dots = (of: readonly number[]) => of.map((i) => `M${at(i).join(" ")}h0`).join("");

  const onPointerMove = (event: PointerEvent) => {
    const box = drawing.current!.getBoundingClientRect();
    const scale = (SIDE + 2 * MARGIN) / box.width;
    const [x, y] = [(event.clientX - box.left) * scale - MARGIN, (event.clientY - box.top) * scale - MARGIN];
    let [best, distance] = [-1, REACH ** 2];
    for (const i of only < 0 ? all : visited) {
      const d = (points[2 * i]! - x) ** 2 + (points[2 * i + 1]! - y) ** 2;
      if (d < distance) [best, distance] = [i, d];
    }
    if (best >= 0) setShown(best);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const place = shown === undefined ? -1 : visited.indexOf(shown);
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: place + 1,
      ArrowUp: place + 1,
      ArrowLeft: place - 1,
      ArrowDown: place - 1,
      Home: 0,
      End: visited.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    setShown(visited[Math.min(visited.length - 1, Math.max(0, to))]);
    event.preventDefault();
  };

  const near = shown === undefined ? [] : neighborsOf(shown);
  /** Places among the pictures of the closest images that are on the page. */
  function neighborsOf(i: number): readonly number[] {
    const [x, y] = at(i);
    const distance = (j: number) => (at(j)[0] - x) ** 2 + (at(j)[1] - y) ** 2;
    return all
      .filter((j) => j !== i && images[j]! >= 0)
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, NEIGHBORS)
      .map((j) => images[j]!);
  }

  const said = shown === undefined ? "use the arrow keys to see images" : describe(shown);
  function describe(i: number): string {
    const [label, answer] = [classes[labels[i]!], classes[answers[i]!]];
    const confidence = pictures.confidences[images[i]!];
    const certain = confidence === undefined ? "" : `, ${percent(confidence)} %`;
    return label === answer ? `${label}, recognized${certain}` : `${label}, taken for ${answer}${certain}`;
  }

  return (
    <div class="map">
      <svg
        ref={drawing}
        viewBox={`${-MARGIN} ${-MARGIN} ${SIDE + 2 * MARGIN} ${SIDE + 2 * MARGIN}`}
        aria-label={title}
        {...(isLive
          ? {
              role: "slider",
              tabindex: 0,
              "aria-valuemin": 0,
              "aria-valuemax": Math.max(0, visited.length - 1),
              "aria-valuenow": Math.max(0, shown === undefined ? 0 : visited.indexOf(shown)),
              "aria-valuetext": said,
            }
          : { role: "img" })}
        onPointerMove={onPointerMove}
        onPointerDown={onPointerMove}
        onKeyDown={onKeyDown}
      >
        {classes.map((name, k) => (
          <path
            key={name}
            class={`points color-${k % 10} ${only >= 0 && only !== k ? "away" : ""}`}
            d={dots(all.filter((i) => labels[i] === k))}
          />
        ))}
        {mistakes.map((i) => (
          <circle
            key={i}
            class={only >= 0 && labels[i] !== only ? "ring away" : "ring"}
            cx={at(i)[0]}
            cy={at(i)[1]}
            r="9"
          />
        ))}
        {classes.length <= NAMED &&
          classes.map((name, k) => {
            const middle = middleOf(all.filter((i) => labels[i] === k).map(at));
            return (
              middle && (
                <text key={name} class={only >= 0 && only !== k ? "away" : ""} x={middle[0]} y={middle[1]}>
                  {clipped(name, NAME)}
                </text>
              )
            );
          })}
        {shown !== undefined && <circle class="shown" cx={at(shown)[0]} cy={at(shown)[1]} r="14" />}
      </svg>
      <div class="beside">
        <div class="key small">
          {classes.map((name, k) => (
            <button
              type="button"
              key={name}
              class={`color-${k % 10}`}
              aria-pressed={only === k}
              onClick={() => setOnly(only === k ? -1 : k)}
            >
              {name}
            </button>
          ))}
          <span class="mistake">mistake</span>
        </div>
        {shown === undefined ? (
          <p class="soft small">Point at the map, or use its arrow keys, to see images.</p>
        ) : (
          <>
            {images[shown]! >= 0 ? <Answered index={images[shown]!} /> : <p>{describe(shown)}</p>}
            {near.length > 0 && (
              <div>
                <p class="soft small">Next to it</p>
                <div class="gallery">
                  {near.map((index) => (
                    <Answered key={index} index={index} />
                  ))}
                </div>
              </div>
            )}
          </>
        )}
      </div>
    </div>
  );
}
