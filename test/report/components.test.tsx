// @vitest-environment jsdom
import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { renderToString } from "preact-render-to-string";
import { afterEach, describe, expect, it } from "vitest";
import { Chart } from "../../src/report/components/chart.tsx";
import { EmbeddingMap } from "../../src/report/components/map.tsx";
import { ConfusionMatrix } from "../../src/report/components/matrix.tsx";
import { type Pictures, PicturesContext } from "../../src/report/components/pictures.tsx";
import { DataTable } from "../../src/report/components/table.tsx";

const hostile = `<img src=x onerror=alert(1)>"'&`;
const classes = ["A", hostile, "C"];
const confusion = [
  [5, 1, 0],
  [0, 3, 0],
  [0, 2, 0],
];
/** An image of each label and answer, but not all of the cell (0, 0). */
const pictures: Pictures = {
  side: 8,
  perStrip: 4,
  strips: ["data:image/png;base64,AAAA", "data:image/png;base64,BBBB"],
  classes,
  rows: [10, 11, 12, 13, 14, 15],
  labels: [0, 0, 1, 2, 2, 0],
  answers: [1, 0, 1, 1, 1, 0],
  confidences: [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
  names: [hostile, undefined, undefined, undefined, undefined, undefined],
};

afterEach(() => {
  act(() => render(null, document.body));
});

function show(content: ComponentChild): HTMLElement {
  act(() => render(<PicturesContext value={pictures}>{content}</PicturesContext>, document.body));
  return document.body;
}
const texts = (root: ParentNode, selector: string) =>
  [...root.querySelectorAll(selector)].map(({ textContent }) => textContent);
const press = (element: Element | null, ...keys: readonly string[]) => {
  for (const key of keys)
    act(() => {
      const at = element?.getAttribute("role") === "slider" ? element : document.activeElement;
      at!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    });
};
const click = (element: Element | null) =>
  act(() => {
    element!.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  });

describe("a confusion matrix", () => {
  it("has true classes in rows, and says so", () => {
    const root = show(<ConfusionMatrix classes={classes} confusion={confusion} />);
    expect(texts(root, "tbody tr:nth-child(1) > *")).toEqual(["A", "5", "1", ""]);
    expect(texts(root, "caption")).toEqual(["Rows are the true classes, columns the answers of the model."]);
    expect(root.querySelectorAll("img")).toHaveLength(0);
  });

  it("shows shares of rows", () => {
    const root = show(<ConfusionMatrix classes={classes} confusion={confusion} />);
    act(() => root.querySelector<HTMLInputElement>("input[value=shares]")!.click());
    expect(texts(root, "tbody tr:nth-child(1) > td")).toEqual(["83", "17", ""]);
  });

  it("shows the images of a cell by Enter, after arrow keys, and hides them again", () => {
    const root = show(<ConfusionMatrix classes={classes} confusion={confusion} />);
    const cells = () => [...root.querySelectorAll<HTMLElement>("tbody td")];
    expect(cells().map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1, -1, -1, -1, -1, -1, -1]);
    cells()[0]!.focus();
    press(null, "ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "Enter");
    expect(document.activeElement).toBe(cells()[7]);
    expect(texts(root, "h3")).toEqual([`2 images of C, taken for ${hostile}`]);
    expect([...root.querySelectorAll("use")].map((use) => [use.getAttribute("href"), use.getAttribute("y")])).toEqual([
      ["#strip-0", "-24"],
      ["#strip-1", "0"],
    ]);
    expect(cells()[7]!.getAttribute("aria-selected")).toBe("true");
    press(null, "Escape");
    expect(texts(root, "h3")).toEqual([]);
  });

  it("shows the images of a cell by a click, and counts those that are not on the page", () => {
    const root = show(<ConfusionMatrix classes={classes} confusion={confusion} />);
    click(root.querySelector("tbody td"));
    expect(texts(root, "h3")).toEqual(["5 images of A, recognized"]);
    expect(texts(root, "[aria-live] figcaption")).toEqual(["A 80.0 %", "A 40.0 %"]);
    expect(texts(root, "[aria-live] p")).toEqual(["3 more are left out of this page, to keep it small."]);
  });

  it("of many classes has those that are confused most often", () => {
    const many = Array.from({ length: 100 }, (_, k) => `class ${k}`);
    const counts = many.map((_, k) => many.map((_, j) => (k === j ? 9 : k > 70 && j === k - 1 ? k : 0)));
    const root = show(<ConfusionMatrix classes={many} confusion={counts} />);
    expect(texts(root, "tbody th")).toHaveLength(40);
    expect(texts(root, "tbody th").at(-1)).toBe("class 99");
    expect(root.textContent).toContain("the 40 of 100 classes that are confused most often");
  });
});

describe("a table", () => {
  const table = (
    <DataTable
      label="scores"
      columns={[
        { name: "class", kind: "text" },
        { name: "recall", kind: "percent" },
      ]}
      rows={[
        ["B 10", [0.5, 0.4, 0.6]],
        ["B 9", null],
        [hostile, 0.75],
      ]}
      totals={[["all", 0.6]]}
    />
  );

  it("sorts by a column, first the largest, and what has no value comes last", () => {
    const root = show(table);
    const names = () => texts(root, "tbody th");
    expect(names()).toEqual(["B 10", "B 9", hostile]);
    click(root.querySelectorAll("button")[1]!);
    expect(names()).toEqual([hostile, "B 10", "B 9"]);
    expect(root.querySelector("[aria-sort]")!.getAttribute("aria-sort")).toBe("descending");
    click(root.querySelectorAll("button")[1]!);
    expect(names()).toEqual(["B 10", hostile, "B 9"]);
    click(root.querySelectorAll("button")[0]!);
    expect(names()).toEqual([hostile, "B 9", "B 10"]);
    expect(texts(root, "tfoot th")).toEqual(["all"]);
  });

  it("has intervals beside values", () => {
    expect(texts(show(table), "tbody td")).toEqual(["50.0 % 40.0–60.0", "–", "75.0 %"]);
  });
});

describe("a chart", () => {
  const chart = (
    <Chart
      title="Loss by step"
      x={{ name: "step", kind: "count" }}
      y={{ name: "loss", kind: "number" }}
      series={[
        { name: "batch", look: "faint", points: [[0, 2.25], [100, 1]] }, // biome-ignore format: a point each
        { name: hostile, look: "main", points: [[0, 2], [50, 1.5], [100, 0.5]] }, // biome-ignore format: a point each
        { name: "chance", look: "guide", points: [[0, 2.3], [100, 2.3]] }, // biome-ignore format: a point each
      ]}
    />
  );

  it("says its values as a slider", () => {
    const slider = show(chart).querySelector("[role=slider]")!;
    expect(slider.getAttribute("aria-label")).toBe("Loss by step");
    const said = () => slider.getAttribute("aria-valuetext");
    press(slider, "ArrowRight");
    expect(said()).toBe(`step 0: batch 2.25, ${hostile} 2`);
    press(slider, "ArrowRight");
    expect(said()).toBe(`step 50: ${hostile} 1.5`);
    press(slider, "End", "ArrowRight");
    expect(said()).toBe(`step 100: batch 1, ${hostile} 0.5`);
  });

  it("has its values as a table as well, and is an image without a script", () => {
    const html = renderToString(chart);
    expect(html).toContain(`<td class="number">1.5</td>`);
    const root = show(chart);
    const numbers = root.querySelector("details")!;
    act(() => {
      numbers.open = true;
      numbers.dispatchEvent(new Event("toggle"));
    });
    expect(texts(root, "tbody tr:nth-child(2) > *")).toEqual(["50", "–", "1.5"]);
    expect(html).toContain(`role="img"`);
    expect(html).not.toContain("<img");
    expect(html).not.toMatch(/style=/);
  });
});

it("a map goes through the mistakes by arrow keys, and shows their images", () => {
  const root = show(
    <EmbeddingMap
      title="Map"
      classes={classes}
      points={[0, 0, 1000, 1000, 500, 500, 100, 100]}
      labels={[0, 0, 1, 2]}
      answers={[1, 0, 1, 1]}
      images={[0, 1, 2, -1]}
    />,
  );
  const slider = root.querySelector("[role=slider]")!;
  press(slider, "ArrowRight");
  expect(texts(root, ".beside > figure > figcaption")).toEqual([`A → ${hostile} 90.0 %`]);
  expect(texts(root, ".gallery figcaption")).toEqual([`${hostile} 70.0 %`, "A 80.0 %"]);
  press(slider, "ArrowRight");
  expect(texts(root, ".beside > p")).toEqual([`C, taken for ${hostile}`]);
  click(root.querySelector(".key button"));
  expect(slider.getAttribute("aria-valuemax")).toBe("1");
});
