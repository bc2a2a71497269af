import type { Audit } from "../../../audit/index.ts";
import type { EmbeddingMap } from "../../../evaluation/index.ts";
import type { EvaluationReport } from "../../../evaluation/report.ts";
import type { Model } from "../../../model/model.ts";
import type { ValidationEvent } from "../../../training/index.ts";
import { ofKind } from "../../describeAudit.ts";
import type { NamedAccuracy } from "../../describeRobustness.ts";
import { liveSource } from "../liveSource.js";
import { originPart, type Reproduction } from "../originPart.tsx";
import { type Part, renderPage } from "../page.tsx";
import { type AnsweredRows, placesByRow } from "./answeredRows.ts";
import { coveragePart, reliabilityPart, thresholdsPart } from "./certaintyParts.tsx";
import { corruptionsPart, type ShownCorruptions } from "./corruptionsPart.tsx";
import { doubtsPart, slicesPart, suspectsPart } from "./dataParts.tsx";
import { confusionPart, MATRIX_OF_HALF, mapPart, mistakesPart, uncertainPart } from "./errorParts.tsx";
import type { ExplainedMistake } from "./explainMistakes.ts";
import { learningParts } from "./learningParts.tsx";
import { membersPart, modelPart } from "./modelPart.tsx";
import { overlaysPart } from "./overlays.tsx";
import { classesPart, scorePart } from "./scoreParts.tsx";
import { shownPictures } from "./shownPictures.ts";

/** A model, its answers for labeled images, and all that is known about both. */
export interface EvaluatePageData {
  /** What was evaluated, such as the name of a run. */
  readonly subject: string;
  /** What it was evaluated on, in words. */
  readonly source: string;
  /** The network; absent for an ensemble, which has members. */
  readonly model?: Model | undefined;
  readonly members?: readonly NamedAccuracy[] | undefined;
  readonly report: EvaluationReport;
  readonly answered: AnsweredRows;
  /** Whether each of the rows is also a training image, if that is known. */
  readonly isTwin?: readonly boolean[] | undefined;
  /** The validations of the training, in order. */
  readonly validations?: readonly ValidationEvent[] | undefined;
  readonly explained?: readonly ExplainedMistake[] | undefined;
  readonly map?: EmbeddingMap | undefined;
  /** An audit of the labels of the data set. */
  readonly audit?: Audit | undefined;
  /** How the model does under corruptions. */
  readonly corruptions?: ShownCorruptions | undefined;
  readonly reproduction: Reproduction;
}

/** A page about how well a model does, on what it fails, and how its numbers come about. */
export function evaluatePage(data: EvaluatePageData): string {
  const { subject, source, model, members, report, answered, isTwin, validations, explained, map, audit } = data;
  const shown = shownPictures(answered, wantedRows(data));
  const half = report.classes.length <= MATRIX_OF_HALF;
  const parts: readonly (Part | undefined)[] = [
    scorePart(report, source),
    ...learningParts(validations ?? []),
    confusionPart(report.classes, report.confusion.counts),
    mistakesPart(shown, report.count, half),
    ...(explained ? [overlaysPart(explained)] : []),
    uncertainPart(shown),
    classesPart(report),
    reliabilityPart(report.probabilities),
    coveragePart(report.probabilities),
    thresholdsPart(report),
    map && mapPart(map, answered, shown),
    slicesPart(report),
    data.corruptions && corruptionsPart(data.corruptions),
    doubtsPart(report, isTwin, shown),
    audit && suspectsPart(audit, answered, shown),
    members && membersPart(members),
    model && modelPart(model),
    originPart(data.reproduction),
  ];
  return renderPage({
    title: `Evaluation of ${subject}`,
    parts: parts.filter((part) => part !== undefined),
    pictures: shown.pictures,
    script: liveSource,
  });
}

/** Places among the rows of images that some part shows: suspects, twins, and points of the map. */
function wantedRows({ answered, audit, isTwin, map }: EvaluatePageData): readonly number[] {
  const places = placesByRow(answered);
  const suspects = audit ? ofKind(audit, "labelError").map(({ row }) => row) : [];
  const twins = isTwin?.flatMap((is, i) => (is ? [i] : [])) ?? [];
  return [...[...suspects, ...(map?.rows ?? [])].flatMap((row) => places.get(row) ?? []), ...twins];
}
