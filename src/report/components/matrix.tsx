import { useContext, useRef, useState } from "preact/hooks";
import { quantity, whole } from "../../base/format.ts";
import { Choice } from "./choice.tsx";
import { Gallery, PicturesContext } from "./pictures.tsx";

/** The most classes of which all cells can be told apart. */
const SHOWN = 40;
/** With more classes than these, cells are small. */
const MANY = 16;
/** The longest name of a class that fits above a column. */
const SHORT = 3;
/** Steps of color, from the least share of a row to all of it. */
const SHADES = 9;
/** Even a single mistake is visible. */
const FAINTEST = 2;

interface ConfusionMatrixProps {
  readonly classes: readonly string[];
  /** [label][answer]: the number of images of each class, by the class that the model predicted. */
  readonly confusion: readonly (readonly number[])[];
  /** The images of a cell that are shown at first, and more at a time. */
  readonly imagesAtOnce?: number;
}

type Place = readonly [label: number, answer: number];

const modes = { counts: "Counts", shares: "Shares of a row" } as const;

/**
 * Which classes are taken for which, as counts or as shares of the true class. Arrow keys move from cell to cell; a click,
 * Enter or the space bar shows the images of a cell. Of very many classes it shows those that are confused most often.
 */
export function ConfusionMatrix({ classes, confusion, imagesAtOnce = 48 }: ConfusionMatrixProps) {
  const listed = mostConfusedClasses(confusion);
  const [mode, setMode] = useState<keyof typeof modes>("counts");
  const [focused, setFocused] = useState<Place>([0, 0]);
  const [chosen, setChosen] = useState<Place>();
  const body = useRef<HTMLTableSectionElement>(null);
  const isTall = listed.some((k) => classes[k]!.length > SHORT);

  const move = (row: number, column: number) => {
    const last = listed.length - 1;
    const to: Place = [Math.min(last, Math.max(0, row)), Math.min(last, Math.max(0, column))];
    setFocused(to);
    (body.current?.rows[to[0]]?.cells[to[1] + 1] as HTMLElement | undefined)?.focus();
  };
  const toggle = (place: Place) => setChosen(samePlace(place, chosen) ? undefined : place);
  const onKeyDown = (event: KeyboardEvent) => {
    const [row, column] = focused;
    const places: Readonly<Record<string, Place>> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, listed.length],
    };
    const to = places[event.key];
    if (to) move(...to);
    else if (event.key === "Enter" || event.key === " ") toggle([listed[row]!, listed[column]!]);
    else if (event.key === "Escape") setChosen(undefined);
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    const cell = (event.target as Element).closest("td");
    if (!cell) return;
    const place: Place = [(cell.parentElement as HTMLTableRowElement).rowIndex - 1, cell.cellIndex - 1];
    setFocused(place);
    toggle([listed[place[0]]!, listed[place[1]]!]);
  };

  return (
    <div class="confusion">
      <div class="controls">
        <Choice label="What the cells hold" options={modes} value={mode} onChange={setMode} />
        {listed.length < classes.length && (
          <span class="soft small">
            the {listed.length} of {whole(classes.length)} classes that are confused most often
          </span>
        )}
      </div>
      <div class="scroll">
        <table
          class={`matrix ${isTall ? "tall" : ""} ${listed.length > MANY ? "many" : ""}`}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells can be chosen is a grid
          role="grid"
          onKeyDown={onKeyDown}
          onClick={onClick}
        >
          <caption class="small soft">Rows are the true classes, columns the answers of the model.</caption>
          <thead>
            <tr>
              <td />
              {listed.map((k) => (
                <th scope="col" title={classes[k]}>
                  <span>{classes[k]}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {listed.map((label, row) => {
              const answers = confusion[label]!;
              const total = answers.reduce((sum, n) => sum + n, 0);
              return (
                <tr>
                  <th scope="row" title={classes[label]}>
                    {classes[label]}
                  </th>
                  {listed.map((answer, column) => (
                    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a cell of a grid can be selected
                    <td
                      class={shadeOf(answers[answer]! / Math.max(1, total), label === answer)}
                      tabIndex={samePlace([row, column], focused) ? 0 : -1}
                      aria-selected={samePlace([label, answer], chosen)}
                    >
                      {textOf(answers[answer]!, total, mode)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <div aria-live="polite">
        {chosen ? (
          <CellImages
            key={chosen.join()}
            place={chosen}
            count={confusion[chosen[0]]![chosen[1]]!}
            classes={classes}
            atOnce={imagesAtOnce}
          />
        ) : (
          <p class="hint soft small">Choose a cell to see its images.</p>
        )}
      </div>
    </div>
  );
}

const samePlace = (a: Place, b: Place | undefined): boolean => a[0] === b?.[0] && a[1] === b[1];

/** All classes in order or, of very many, those with the most mistakes, as labels or as answers. */
function mostConfusedClasses(confusion: ConfusionMatrixProps["confusion"]): readonly number[] {
  const all = confusion.map((_, k) => k);
  if (all.length <= SHOWN) return all;
  const mistakes = all.map((k) =>
    all.reduce((sum, other) => sum + (other === k ? 0 : confusion[k]![other]! + confusion[other]![k]!), 0),
  );
  return all
    .toSorted((a, b) => mistakes[b]! - mistakes[a]!)
    .slice(0, SHOWN)
    .sort((a, b) => a - b);
}

/** Right answers are blue; mistakes are red, by the square root of their share, since it is mostly small. */
function shadeOf(share: number, isRight: boolean): string | undefined {
  if (share === 0) return undefined;
  if (isRight) return `right-${Math.ceil(SHADES * share)}`;
  return `wrong-${FAINTEST + Math.ceil((SHADES - FAINTEST) * Math.sqrt(share))}`;
}

function textOf(count: number, total: number, mode: keyof typeof modes): string {
  if (count === 0) return "";
  if (mode === "counts") return whole(count);
  const share = (100 * count) / total;
  return share < 0.95 ? share.toFixed(1) : share.toFixed(share > 99 && share < 100 ? 1 : 0);
}

interface CellImagesProps {
  readonly place: Place;
  readonly count: number;
  readonly classes: readonly string[];
  readonly atOnce: number;
}

function CellImages({ place: [label, answer], count, classes, atOnce }: CellImagesProps) {
  const { labels, answers } = useContext(PicturesContext);
  const images = labels.flatMap((of, i) => (of === label && answers[i] === answer ? [i] : []));
  return (
    <>
      <h3>
        {quantity(count, "image")} of {classes[label]}
        {label === answer ? ", recognized" : `, taken for ${classes[answer]}`}
      </h3>
      <Gallery images={images} atOnce={atOnce} missing={count - images.length} />
    </>
  );
}
