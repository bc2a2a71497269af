import { formatInterval, percent, whole } from "../../../base/format.ts";
import type { CorruptionReport } from "../../../evaluation/index.ts";
import type { Image } from "../../../image/image.ts";
import { Figures } from "../../components/facts.tsx";
import { Thumbnails } from "../../components/picture.tsx";
import type { Part } from "../page.tsx";

/** How a model does under corruptions, and what these look like. */
export interface ShownCorruptions {
  readonly report: CorruptionReport;
  /** Some images as they are, and then under each kind, in the order of the report. */
  readonly samples: readonly (readonly Image[])[];
}

/** The accuracy under each kind of corruption, with pictures. */
export function corruptionsPart({ report, samples }: ShownCorruptions): Part {
  const { clean, kinds, meanError } = report;
  const worst = kinds.reduce((a, b) => (b.accuracy < a.accuracy ? b : a));
  const all = [{ name: "none", description: "the images as they are", ...clean }, ...kinds];
  return {
    id: "corruptions",
    title: "Corruptions",
    note: `${whole(kinds.length)} kinds, those of MNIST-C; 95 % intervals`,
    content: (
      <>
        <Figures
          items={[
            { name: "Mean corruption error", value: `${percent(meanError)} %`, note: "the mean of 100 % − accuracy" },
            { name: "Error without", value: `${percent(1 - clean.accuracy)} %` },
            { name: "Worst kind", value: `${percent(worst.accuracy)} %`, note: nameOf(worst.name) },
          ]}
        />
        <ul class="cards kinds">
          {all.map(({ name, description, accuracy, interval }, k) => (
            <li class="card">
              <Thumbnails images={samples[k] ?? []} label={`images under ${nameOf(name)}`} />
              <div>
                <b>{percent(accuracy)} %</b> <span class="soft small">{formatInterval(interval)}</span>
                <div>
                  {nameOf(name)}
                  <span class="soft small">: {description}</span>
                </div>
              </div>
            </li>
          ))}
        </ul>
      </>
    ),
  };
}

const nameOf = (name: string): string => name.replaceAll("_", " ");
