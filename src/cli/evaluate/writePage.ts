import { basename } from "node:path";
import type { Backend } from "../../backends/index.ts";
import { quantity, whole } from "../../base/format.ts";
import { VERSION } from "../../base/formatVersion.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { type AnyDataset, alignClasses, fingerprint } from "../../datasets/index.ts";
import {
  type Answers,
  answersOf,
  type Classifier,
  type CorruptionReport,
  Ensemble,
  type EvaluationReport,
  embeddingMap,
  probabilitiesOf,
} from "../../evaluation/index.ts";
import type { NamedAccuracy } from "../../report/describeRobustness.ts";
import { explainMistakes } from "../../report/pages/evaluate/explainMistakes.ts";
import { sampleCorruptions } from "../../report/pages/evaluate/sampleCorruptions.ts";
import { readMetrics } from "../../runs/node/metrics.ts";
import { nodeHost } from "../../runs/node/runFile.ts";
import type { Environment, Session } from "../../runs/record.ts";
import type { TrainingSpec } from "../../training/spec.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { readAudit } from "../readAudit.ts";

/** An evaluation, as the command made it. */
export interface Evaluated {
  readonly trained: Classifier;
  /** The models of an ensemble, with what each has alone. */
  readonly members?: readonly NamedAccuracy[] | undefined;
  /** The folder of the run, and what it says; absent for the file of a model. */
  readonly folder?: string | undefined;
  readonly config?: TrainingSpec;
  readonly sessions?: readonly Session[];
  readonly step?: number;
  /** The name of the model, and what it was evaluated on in words. */
  readonly subject: string;
  readonly source: string;
  readonly dataset: AnyDataset;
  readonly rows: ArrayLike<number>;
  readonly answers: Pick<Answers, "logits" | "labels">;
  readonly isTwin: readonly boolean[] | undefined;
  readonly report: EvaluationReport;
  readonly corruptions?: CorruptionReport | undefined;
  readonly backend: Backend;
  readonly threads: number;
  /** The commands that make the page again. */
  readonly commands: readonly string[];
}

/** Writes the page of an evaluation; `auditFile` is an audit of its data set. Throws `FILE_SYSTEM`. */
export async function writePage(file: string, evaluated: Evaluated, auditFile?: string): Promise<void> {
  const { trained, folder, config, sessions = [], step, rows, report, answers, backend, threads } = evaluated;
  const { logits, labels } = answers;
  const { classes } = trained.model;
  const single = trained instanceof Ensemble ? undefined : trained;
  const dataset = alignClasses(evaluated.dataset, classes);
  const given = answersOf(probabilitiesOf(logits, labels, classes.length, report.probabilities.after));
  const answered = {
    dataset,
    rows,
    answers: given.map(({ answer }) => answer),
    confidences: given.map(({ confidence }) => confidence),
  };
  const own = await fingerprint(evaluated.dataset);
  const fingerprints = new Map([
    ...(config ? fingerprintsOf(config) : []),
    [basename(evaluated.dataset.provenance.source), own],
  ]);
  const hasPictures = dataset.imageShape[2] === 1 || dataset.imageShape[2] === 3;
  const { evaluatePage } = await import("../../report/pages/evaluate/evaluatePage.tsx");
  const page = evaluatePage({
    ...evaluated,
    model: single?.model,
    answered,
    validations: folder === undefined ? undefined : await readMetrics(folder),
    explained: hasPictures && single ? await explainMistakes(single, answered) : undefined,
    map: rows.length > 0 && single ? await embeddingMap(single, dataset, { rows }) : undefined,
    audit: auditFile === undefined ? undefined : await readAudit(auditFile, own, evaluated.dataset.provenance.source),
    corruptions:
      evaluated.corruptions && hasPictures
        ? {
            report: evaluated.corruptions,
            samples: sampleCorruptions(dataset, rows, { background: trained.preparation.background }),
          }
        : undefined,
    reproduction: {
      commands: evaluated.commands,
      hashes: [
        ["SHA-256 of the weights", await weightsSha256(trained.weights)],
        ...Array.from(fingerprints, ([name, hash]) => [`Fingerprint of ${name}`, hash] as const),
      ],
      environment: [
        ...sessions.slice(-1).map((session) => ["Trained with", describe(session)] as const),
        [
          "Evaluated with",
          describe({
            ...{ inkling: VERSION, ...nodeHost() },
            ...{ backend: backend.name, arithmetic: backend.arithmetic, threads },
          }),
        ],
        ...(step === undefined ? [] : [["Steps", whole(step)] as const]),
      ],
      config,
    },
  });
  await writeFileAtomic(file, page);
}

/** The sets of images of a training, with their fingerprints. */
const fingerprintsOf = ({ data }: TrainingSpec): readonly (readonly [name: string, fingerprint: string])[] => [
  [basename(data.source), data.fingerprint],
  ...(data.validation && data.validationFingerprint
    ? [[basename(data.validation), data.validationFingerprint] as const]
    : []),
  ...(data.test && data.testFingerprint ? [[basename(data.test), data.testFingerprint] as const] : []),
];

/** Software and hardware in a line. */
const describe = ({ inkling, node, platform, cpu, backend, compiler, arithmetic, threads }: Environment): string =>
  [
    `Inkling ${inkling}`,
    ...(node === undefined ? [] : [`Node ${node}`]),
    `${backend} (${[...(compiler ? [compiler] : []), arithmetic].join(", ")})`,
    quantity(threads, "thread"),
    `${cpu} (${platform})`,
  ].join(", ");
