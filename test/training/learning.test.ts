import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { philox, purposes } from "../../src/base/philox.ts";
import type { Dataset } from "../../src/datasets/index.ts";
import { agreementOf } from "../../src/evaluation/agreement.ts";
import type { Score } from "../../src/evaluation/index.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { describeLearning, whatUndecidedMeans, whyNotLearning } from "../../src/report/describeLearning.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runs/checkpointFile.ts";
import { chooseLearningRate, type TrainOptions } from "../../src/training/index.ts";
import { guessOf } from "../../src/training/learning/guess.ts";
import { momentsOf } from "../../src/training/learning/moments.ts";
import { LearningWatch, learningCauses } from "../../src/training/learning/watch.ts";
import { bars } from "./data.ts";
import { followTraining } from "./followTraining.ts";

enableRelaxedSimd();
const random = (stream: number, i: number, p = 0): number => philox([stream, purposes.test], [i, p, 7, 0])[0];

/** Images of noise whose labels mean nothing; class 0 has the given share of them. */
function noise(count: number, { share = 0.5, classes = 2, stream = 0 } = {}): Dataset {
  const set = bars(count, { classes, stream });
  for (let i = 0; i < set.images.length; i++) set.images[i] = random(stream, i) & 255;
  for (let i = 0; i < count; i++) {
    const other = 1 + (random(stream + 1000, i) % (classes - 1));
    set.labels[i] = random(stream + 2000, i) / 2 ** 32 < share ? 0 : other;
  }
  return set;
}

/** The bars, but with only as many of all classes but the first as `share` gives. */
function uneven(count: number, share: number): Dataset {
  const { images, labels, ...rest } = bars(count, { classes: 2 });
  const rows = Array.from(labels.keys()).filter((i) => labels[i] === 0 || random(9, i) / 2 ** 32 < share);
  return {
    ...rest,
    labels: Uint16Array.from(rows, (i) => labels[i]!),
    images: Uint8Array.from(rows.flatMap((i) => [...images.subarray(i * 64, i * 64 + 64)])),
  };
}

const small = ({ classNames, imageShape }: Dataset) =>
  network({ input: imageShape, classes: classNames }, [conv2d(4, 3), relu(), flatten(), dense(classNames.length)]);
const normalized = ({ classNames, imageShape }: Dataset) =>
  network({ input: imageShape, classes: classNames }, [
    conv2d(4, 3, { useBias: false }),
    batchNormalization({ momentum: 0.9 }),
    relu(),
    flatten(),
    dense(classNames.length),
  ]);

const base = { batchSize: 8, steps: 128, validateEvery: 32, optimizer: sgd(0.05), threads: 1 } satisfies TrainOptions;

/** What was said about learning on the way, and at the end. */
async function watched(data: Dataset, options: TrainOptions = {}, model = small(data)) {
  const { events, result } = await followTraining(model, data, { ...base, ...options });
  const said = events.flatMap((event) => (event.type === "learning" ? [event] : []));
  return { said, end: result.learning! };
}

describe("the best guess", () => {
  it("has the entropy of the class shares as its loss", () => {
    const { loss, floor, losses } = guessOf([190, 10]);
    expect(loss).toBeCloseTo(-(0.95 * Math.log(0.95) + 0.05 * Math.log(0.05)), 12);
    expect(floor).toBe(0);
    expect(losses[1]).toBeCloseTo(-Math.log(0.05), 12);
    expect(guessOf([7, 7, 7, 7]).loss).toBeCloseTo(Math.log(4), 12);
  });

  it("has the smallest loss of all constant answers, with class weights and label smoothing", () => {
    const [counts, classWeights, labelSmoothing] = [[60, 30, 10], [0.5, 1, 4], 0.1];
    const lossOf = (q: readonly number[]) =>
      counts.reduce((sum, n, k) => {
        const target = q.map((_, j) => (j === k ? 0.9 : 0) + labelSmoothing / 3);
        return sum - (n / 100) * classWeights[k]! * target.reduce((s, t, j) => s + t * Math.log(q[j]!), 0);
      }, 0);
    const { loss, floor } = guessOf(counts, { labelSmoothing, classWeights });
    let least = Number.POSITIVE_INFINITY;
    for (let a = 1; a < 200; a++)
      for (let b = 1; a + b < 200; b++) least = Math.min(least, lossOf([a / 200, b / 200, 1 - (a + b) / 200]));
    expect(loss).toBeLessThanOrEqual(least + 1e-12);
    expect(loss).toBeGreaterThan(least - 1e-4);
    // All answers right, to each image its own smoothed target.
    const entropy = -(0.9 + 0.1 / 3) * Math.log(0.9 + 0.1 / 3) - 2 * (0.1 / 3) * Math.log(0.1 / 3);
    expect(floor).toBeCloseTo((0.6 * 0.5 + 0.3 + 0.1 * 4) * entropy, 12);
  });

  it("is finite for a class without training images", () => {
    expect(guessOf([5, 5, 0]).losses.every(Number.isFinite)).toBe(true);
  });
});

describe("Cohen's kappa", () => {
  it("is that of Cohen's formula, with the error of Fleiss, Cohen and Everitt", () => {
    const { kappa, error } = agreementOf([
      [20, 5],
      [10, 15],
    ]);
    expect(kappa).toBeCloseTo(0.4, 12);
    // e = 0.5; Σ r·c·(r + c) = 0.5·0.6·1.1 + 0.5·0.4·0.9 = 0.51
    expect(error).toBeCloseTo(Math.sqrt((0.5 + 0.25 - 0.51) / 50) / 0.5, 12);
  });

  it("is 0 for answers that are all the same, with the error of answers as frequent as the labels", () => {
    const { kappa, error } = agreementOf([
      [95, 0],
      [5, 0],
    ]);
    expect(kappa).toBe(0);
    const e = 0.95 ** 2 + 0.05 ** 2;
    expect(error).toBeCloseTo(Math.sqrt((e + e ** 2 - 2 * (0.95 ** 3 + 0.05 ** 3)) / 100) / (1 - e), 10);
  });

  it("shows nothing where all labels are the same, or there are none", () => {
    const nothing = { kappa: 0, error: Number.POSITIVE_INFINITY };
    expect(
      agreementOf([
        [0, 0],
        [3, 4],
      ]),
    ).toEqual(nothing);
    expect(
      agreementOf([
        [0, 0],
        [0, 0],
      ]),
    ).toEqual(nothing);
  });
});

describe("a training that learns", () => {
  const sets: readonly (readonly [string, Dataset, TrainOptions])[] = [
    ["four classes", bars(200), {}],
    ["forty images", bars(40, { classes: 2 }), {}],
    ["95:5", uneven(400, 0.05), {}],
    ["95:5, balanced", uneven(400, 0.05), { classWeights: "balanced" }],
    ["label smoothing", bars(200), { labelSmoothing: 0.2 }],
    ["mixup", bars(200), { mixup: 0.4 }],
    ["averages", bars(200), { optimizer: sgd(0.05, { averageDecay: 0.98 }) }],
    ["a low learning rate", bars(200), { optimizer: sgd(0.006), steps: 512 }],
  ];

  it.each(sets)("raises no false alarm, for 12 seeds and two networks: %s", async (_, data, options) => {
    for (const model of [small(data), normalized(data)])
      for (let seed = 1; seed <= 6; seed++) {
        const { said, end } = await watched(data, { ...options, seed }, model);
        expect([seed, said]).toEqual([seed, []]);
        expect(["learning", "undecided"]).toContain(end.status);
      }
  });

  it("raises no false alarm with a momentum near 1: running statistics are corrected for their start", async () => {
    const data = bars(400);
    const lagging = network({ input: data.imageShape, classes: data.classNames }, [
      conv2d(4, 3, { useBias: false }),
      batchNormalization({ momentum: 0.99999 }),
      relu(),
      flatten(),
      dense(4),
    ]);
    const dark = { ...data, images: data.images.map((x) => x / 8) };
    const { said } = await watched(dark, { steps: 256, split: { validation: 100 } }, lagging);
    expect(said).toEqual([]);
  });

  it("is said to learn at the end", async () => {
    const { end } = await watched(bars(200), { steps: 200 });
    expect(end).toMatchObject({ status: "learning", guessLoss: expect.closeTo(Math.log(4), 2) });
    expect(end.explained).toBeGreaterThan(0.5);
    expect(end.cause).toBeUndefined();
  });
});

describe("a training that does not learn", () => {
  const flat = (): Dataset => {
    const data = bars(200);
    return { ...data, images: data.images.map((x) => (x > 128 ? 1 : 0)) };
  };
  const apart = { split: { keepTogether: "none" } } as const;
  const cases: readonly (readonly [string, Dataset, TrainOptions, string])[] = [
    ["noise", noise(600, { classes: 4, share: 0.25 }), {}, "labels"],
    ["noise, 95:5", noise(20_000, { share: 0.95 }), { steps: 1024, batchSize: 32, validateEvery: 512 }, "labels"],
    ["constant images", { ...bars(200), images: new Uint8Array(200 * 64).fill(7) }, apart, "values"],
    ["nearly black images", flat(), { ...apart, optimizer: sgd(0.001), steps: 256 }, "values"],
    ["a rate of 100", bars(200), { optimizer: sgd(100) }, "learningRateTooHigh"],
    ["a rate of 1e-9", bars(200), { optimizer: sgd(1e-9) }, "learningRateTooLow"],
  ];

  it.each(cases)("is reported with its cause, for 4 seeds: %s", async (_, data, options, cause) => {
    for (let seed = 1; seed <= 4; seed++) {
      const { said, end } = await watched(data, { ...options, seed });
      expect([seed, said[0]?.status, said[0]?.cause]).toEqual([seed, "guessing", cause]);
      expect(said).toHaveLength(1);
      expect(said[0]!.step).toBeLessThanOrEqual(256);
      expect(end.status).toBe("guessing");
      expect(describeLearning(said[0]!)).toMatch(
        /^The network does not learn: its loss is no better than the \d\.\d{3} of/,
      );
    }
  });

  it("is reported within the first steps if the network gives the same answer to every image", async () => {
    const { said } = await watched(bars(200), { optimizer: sgd(30), steps: 2048, validateEvery: 0 });
    expect(said[0]).toMatchObject({ status: "guessing", cause: "learningRateTooHigh" });
    expect(said[0]!.step).toBeLessThanOrEqual(32);
  });

  it("is reported where training images are learned by heart: their labels mean nothing", async () => {
    const data = noise(240, { share: 0.5 });
    const split = { validation: 120, test: 20 };
    const { said, end } = await watched(data, { steps: 1500, optimizer: sgd(0.1), split, validateEvery: 100 });
    expect(said.at(-1)).toMatchObject({ status: "memorizing", cause: "labels" });
    expect(end.status).toBe("memorizing");
    expect(whyNotLearning(end)).toContain("look at the labels with inkling data inspect");
  });

  describe("has one verdict:", () => {
    /** A watch that has said of 60 steps that they guess, then seen steps with losses that far below those of a guess. */
    function reported(gain: (step: number) => number) {
      const guess = guessOf([50, 50]);
      const watch = new LearningWatch(guess, { steps: 120, epoch: 4 });
      const labels = [0, 1];
      const gainAt = (step: number) => (step <= 60 ? -0.01 * (step % 2) : gain(step));
      for (let step = 1; step <= 120; step++) {
        watch.record(step, guess.loss - gainAt(step), labels);
        if (step === 32) expect(watch.news(step, false)).toBe("guessing");
      }
      watch.say("labels");
      return watch;
    }

    it("the report stands if nothing since shows otherwise", () => {
      const watch = reported((step) => (step % 2 === 0 ? 0.5 : -0.45));
      expect(watch.status).toBe("undecided");
      expect(watch.final).toBe("guessing");
      expect(watch.causeSaid(watch.final)).toBe("labels");
    });

    it("it is open again if the loss of images seen before is now better, which the end says", () => {
      const watch = reported((step) => 0.3 + 0.01 * (step % 2));
      expect(watch.final).toBe("undecided");
      const score = {
        confusion: [
          [2, 0],
          [2, 0],
        ],
        count: 4,
        accuracy: 0.5,
      } as unknown as Score;
      expect(whatUndecidedMeans(score, 0, true)).toMatch(
        /^Since then the loss has become better than guessing, but on images that were seen before: it cannot be told yet/,
      );
      expect(whatUndecidedMeans(score)).toMatch(/^It cannot be told yet.* scores 50\.0 %$/);
      expect(whatUndecidedMeans(score, 0.97)).toMatch(/The training images are learned.* more images would tell/);
      expect(whatUndecidedMeans({ ...score, accuracy: 1 }, 0.97)).toMatch(
        /^The network seems to have learned, but 4 test images are too few to be sure: .* scores 50\.0 %$/,
      );
    });
  });

  it("is told from the losses of a few validation images, unless they are those of a guess or of one class", () => {
    const verdict = (gains: readonly number[], confusion: readonly (readonly number[])[]) => {
      const watch = new LearningWatch(guessOf([50, 50]), { steps: 60, epoch: 4 });
      watch.validate(agreementOf(confusion), momentsOf(gains));
      return watch.status;
    };
    const gain = Math.LN2 - 0.02;
    const right = [
      [4, 0],
      [0, 4],
    ];
    expect(verdict(Array(8).fill(gain), right)).toBe("learning");
    expect(verdict(Array(8).fill(0.1), right)).toBe("undecided");
    expect(verdict([...Array(7).fill(gain), -9], right)).toBe("undecided");
    const oneAnswer = [
      [0, 1],
      [0, 7],
    ];
    expect(verdict(Array(8).fill(gain), oneAnswer)).toBe("undecided");
  });

  it("does not send anyone back to --learning-rate auto who has used it", () => {
    for (const cause of learningCauses) {
      const verdict = { status: "guessing", cause, explained: 0, guessLoss: 0.7 } as const;
      expect(whyNotLearning(verdict, { chosenRate: true })).not.toContain("--learning-rate auto");
      expect(whyNotLearning(verdict, { chosenRate: true })).not.toContain("rate is too low");
    }
    const tooLow = { status: "guessing", cause: "learningRateTooLow", explained: 0, guessLoss: 0.7 } as const;
    expect(whyNotLearning(tooLow)).toContain("--learning-rate auto");
  });

  it("is reported again if it learns after all", () => {
    const event = { type: "learning", status: "learning", step: 512, explained: 0.3, guessLoss: 2.3 } as const;
    expect(describeLearning(event)).toBe("The network learns after all, as of step 512.");
  });
});

it("reaches the same verdicts at the same steps when resumed from any checkpoint", async () => {
  const data = noise(300, { classes: 4, share: 0.25 });
  const options = { ...base, checkpointEvery: 0 };
  const whole = await followTraining(small(data), data, options);
  const newsOf = ({ events }: typeof whole) => events.filter(({ type }) => type === "learning");
  expect(newsOf(whole)).toHaveLength(1);
  for (const checkpoint of whole.checkpoints.filter((_, k) => k % 4 === 0)) {
    const resume = await decodeCheckpoint(await encodeCheckpoint(checkpoint));
    const resumed = await followTraining(small(data), data, { ...options, resume });
    const later = newsOf(whole).filter((event) => event.type === "learning" && event.step >= checkpoint.step);
    expect(newsOf(resumed)).toEqual(later);
    expect(resumed.result.learning).toEqual(whole.result.learning);
  }
});

describe("chooseLearningRate", () => {
  it("chooses a rate that learns, the same each time", async () => {
    const data = bars(200);
    const options = { batchSize: 8, seed: 2 };
    const { learningRate, trials, learned } = await chooseLearningRate(small(data), data, options);
    expect(learned).toBe(true);
    expect(trials.slice(0, 3).map((trial) => trial.learningRate)).toEqual([1, 0.32, 0.1]);
    expect(await chooseLearningRate(small(data), data, { ...options, threads: 1 })).toEqual({
      learningRate,
      trials,
      learned,
    });
    const { end } = await watched(data, { optimizer: sgd(learningRate), steps: 200 });
    expect(end.explained).toBeGreaterThan(0.8);
  });

  it("says if no rate learns anything", async () => {
    const data = noise(200, { classes: 4, share: 0.25 });
    const { learned, trials } = await chooseLearningRate(small(data), data, { batchSize: 8 });
    expect(learned).toBe(false);
    expect(trials.at(-1)!.learningRate).toBe(1e-5);
  });

  it("stops when aborted", async () => {
    const data = bars(100);
    const choice = chooseLearningRate(small(data), data, { batchSize: 8, signal: AbortSignal.abort() });
    await expect(choice).rejects.toMatchObject({ code: "ABORTED" });
  });
});
