import type { Audit } from "../../../audit/index.ts";
import { formatInterval, percent, quantity, whole } from "../../../base/format.ts";
import type { Accuracy } from "../../../evaluation/index.ts";
import type { EvaluationReport } from "../../../evaluation/report.ts";
import { Facts } from "../../components/facts.tsx";
import { Live } from "../../components/live.tsx";
import { ofKind } from "../../describeAudit.ts";
import type { Part } from "../page.tsx";
import { type AnsweredRows, placesByRow } from "./answeredRows.ts";
import type { ShownPictures } from "./shownPictures.ts";

/** With more values than these, the worst come first. */
const MANY = 12;
/** The most suspects that are shown. */
const SUSPECTS = 120;

const describe = ({ accuracy, interval, count }: Accuracy): string =>
  `${percent(accuracy)} % (${formatInterval(interval)}) of ${quantity(count, "image")}`;

/** The accuracy by what the images have in common. */
export function slicesPart({ slices, accuracy }: EvaluationReport): Part | undefined {
  if (slices.length === 0) return undefined;
  return {
    id: "slices",
    title: "Slices",
    note: `the accuracy of parts of the images; of all it is ${percent(accuracy)} %`,
    content: (
      <div class="columns">
        {slices.map(({ by, values, omitted }) => (
          <div>
            <h3>{by}</h3>
            <Live
              of="DataTable"
              props={{
                label: `Accuracy by ${by}`,
                columns: [
                  { name: by, kind: "text" },
                  { name: "images", kind: "count" },
                  { name: "accuracy", kind: "percent" },
                ],
                ...(values.length > MANY && { first: { column: 2, descending: false } }),
                rows: values.map(({ value, count, accuracy, interval }) => [value, count, [accuracy, ...interval]]),
              }}
            />
            {omitted > 0 && (
              <p class="soft small">
                {quantity(omitted, "value has", "values have")} better accuracies and are left out.
              </p>
            )}
          </div>
        ))}
      </div>
    ),
  };
}

/** What training images among the test images, and wrong labels, make of the accuracy. */
export function doubtsPart(
  { twins, labelFixes }: EvaluationReport,
  isTwin: readonly boolean[] | undefined,
  { placeOf }: ShownPictures,
): Part | undefined {
  if (!twins && !labelFixes) return undefined;
  const images = (isTwin ?? []).flatMap((is, i) => (is ? (placeOf.get(i) ?? []) : []));
  return {
    id: "doubts",
    title: "Leakage and labels",
    short: "Leakage",
    content: (
      <>
        <Facts
          items={[
            ...(twins
              ? ([
                  ["Test images that are also in training", twins.count === 0 ? "none" : whole(twins.count)],
                  ...(twins.count > 0 ? [["Accuracy without them", describe(twins.without)] as const] : []),
                ] as const)
              : []),
            ...(labelFixes
              ? ([
                  [
                    "Label corrections",
                    `${whole(labelFixes.relabeled)} relabeled, ${whole(labelFixes.dropped)} dropped`,
                  ],
                  ["Accuracy with them", describe(labelFixes.after)],
                  ["Accuracy without them", describe(labelFixes.before)],
                  [
                    "Accuracy if some of them are right",
                    `between ${percent(labelFixes.bounds[0])} and ${percent(labelFixes.bounds[1])} %`,
                  ],
                ] as const)
              : []),
          ]}
        />
        {images.length > 0 && (
          <Live of="Gallery" props={{ images, atOnce: 24, missing: (twins?.count ?? 0) - images.length }} />
        )}
      </>
    ),
  };
}

/** Images whose labels an audit doubts. */
export function suspectsPart(audit: Audit, answered: AnsweredRows, { placeOf }: ShownPictures): Part | undefined {
  const places = placesByRow(answered);
  const suspects = ofKind(audit, "labelError").filter(({ row }) => places.has(row));
  const images = suspects.slice(0, SUSPECTS).flatMap(({ row }) => placeOf.get(places.get(row)!) ?? []);
  return {
    id: "suspects",
    title: "Suspicious labels",
    short: "Labels",
    note: `${whole(suspects.length)} of these images, by the audit`,
    content:
      suspects.length === 0 ? (
        <p>None: the audit doubts no label of these images.</p>
      ) : (
        <Live of="Gallery" props={{ images, atOnce: 30, missing: suspects.length - images.length }} />
      ),
  };
}
