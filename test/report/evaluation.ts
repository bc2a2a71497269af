import { philox, purposes, toUnit } from "../../src/base/philox.ts";
import type { Dataset } from "../../src/datasets/index.ts";
import { answersOf, labelBounds, probabilitiesOf, reportOf, slicingsOf } from "../../src/evaluation/index.ts";
import { imageAt } from "../../src/image/image.ts";
import { conv2d, dense, flatten, network } from "../../src/index.ts";
import type { EvaluatePageData } from "../../src/report/pages/evaluate/evaluatePage.tsx";

/**
 * All that a page of an evaluation can show, for a data set: logits drawn by Philox, which are mostly right, and maps that
 * mean nothing.
 */
export function evaluationOf(dataset: Dataset, source: string): EvaluatePageData {
  const { labels, classNames } = dataset;
  const count = labels.length;
  const draw = (i: number, k: number) => toUnit(philox([1, purposes.test], [i, k, 7, 0])[0]);
  const logits = Float32Array.from({ length: count * classNames.length }, (_, at) => {
    const [i, k] = [Math.floor(at / classNames.length), at % classNames.length];
    return 6 * draw(i, k) + (labels[i] === k ? 3 : 0);
  });
  const isTwin = Array.from(labels, (_, i) => i % 9 === 0);
  const temperature = 1.5;
  const report = reportOf({
    ...{
      classes: classNames,
      logits,
      labels,
      temperature,
      isTwin,
      slicings: slicingsOf(
        dataset,
        labels.map((_, i) => i),
      ),
    },
    labelFixes: labelBounds(
      labels,
      Array.from(labels, (label, i) => (i % 11 === 0 ? undefined : i % 7 === 0 ? 0 : label)),
      answersOf(probabilitiesOf(logits, labels, classNames.length)),
    ),
  });
  const answers = answersOf(probabilitiesOf(logits, labels, classNames.length, { temperature }));
  const side = dataset.imageShape[0];
  const heat = {
    method: "occlusion",
    height: side,
    width: side,
    values: Float32Array.from({ length: side * side }, (_, p) => draw(p, 1) - 0.5),
  } as const;
  const mistakes = answers.flatMap(({ isRight }, i) => (isRight ? [] : [i]));
  return {
    subject: source,
    source,
    model: network({ input: [side, side, 1], classes: classNames }, [
      conv2d(2, 3),
      flatten(),
      dense(classNames.length),
    ]),
    report,
    isTwin,
    answered: {
      dataset,
      rows: labels.map((_, i) => i),
      answers: answers.map(({ answer }) => answer),
      confidences: answers.map(({ confidence }) => confidence),
    },
    validations: [0, 10, 20].map((step) => ({
      ...{ type: "validation", step, images: 10, isBest: false },
      ...{ loss: 2 - step / 20, minibatchLoss: 2.5 - step / 10, accuracy: step / 40, minibatchAccuracy: step / 25 },
    })),
    explained: mistakes.slice(0, 3).map((i) => ({
      image: imageAt(dataset, i),
      label: classNames[labels[i]!]!,
      answer: classNames[answers[i]!.answer]!,
      confidence: answers[i]!.confidence,
      ofLabel: heat,
      ofAnswer: heat,
    })),
    map: {
      layer: "flatten_1",
      rows: Uint32Array.from(labels, (_, i) => i),
      points: Float32Array.from({ length: 2 * count }, (_, at) => draw(at, 5)),
    },
    reproduction: {
      commands: [`npx inkling evaluate ${source} --html report.html`],
      hashes: [
        ["SHA-256 of the weights", "0".repeat(64)],
        [`Fingerprint of ${source}`, "1".repeat(64)],
      ],
      environment: [["Evaluated with", "Inkling"]],
    },
  };
}
