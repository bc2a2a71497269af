import { interpret } from "../backends/interpret/interpret.ts";
import { InklingError } from "../base/error.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import { type StraightLine, straightLine } from "../compiler/straightLine.ts";
import type { Weights } from "../engine/feed.ts";
import { predictionProgram } from "../engine/imagePrograms.ts";
import type { Scaling } from "../evaluation/softmax.ts";
import type { Machine } from "../ir/machine.ts";
import { accessesOf } from "../ir/traverse.ts";
import { spanOf } from "../ir/view.ts";
import { calibrate } from "../ops/calibrate.ts";
import { Graph, type Tensor } from "../ops/graph.ts";
import { softmax } from "../ops/softmax.ts";
import type { Exportable } from "./exportable.ts";

/** A model for one image, as two programs: from pixels to logits, and from logits to probabilities. */
export interface InferencePlan {
  readonly logits: StraightLine;
  readonly softmax: StraightLine;
  /** The buffers that a caller gives or reads. The second program reads logits from a buffer of its own. */
  readonly buffers: {
    /** [1,H,W,C], bytes. */
    readonly pixels: string;
    /** [1,K] */
    readonly logits: string;
    readonly softmaxLogits: string;
    readonly probabilities: string;
  };
}

/** Plans a model for a machine, which decides how steps are scheduled: what they compute and where is the same for all. */
export function planInference(
  { model, scaling }: Pick<Exportable, "model" | "scaling">,
  machine: Machine,
): InferencePlan {
  const { spec, images, logits } = predictionProgram(model, { batchSize: 1 });
  const line = straightLine(spec, machine);
  const end = softmaxProgram(model.classes.length, scaling);
  const endLine = straightLine(end.spec, machine);
  return {
    logits: line,
    softmax: endLine,
    buffers: {
      pixels: line.view(images).name,
      logits: line.view(logits).name,
      softmaxLogits: endLine.view(end.logits).name,
      probabilities: endLine.view(end.probabilities).name,
    },
  };
}

/**
 * The constants that the first program of a plan reads, by buffer: weights, and what depends on them alone, computed ahead
 * of time. Throws `INVALID_DATA` if one is not finite.
 */
export function constantsOf(
  { logits: { constants, steps } }: InferencePlan,
  weights: Weights,
): ReadonlyMap<string, Float32Array> {
  const known = new Map(weights);
  for (const { body } of constants) {
    const { stores, loads } = accessesOf(body);
    for (const { view } of [...stores, ...loads])
      if (view.space === "memory" && (known.get(view.name)?.length ?? 0) < spanOf(view))
        known.set(view.name, new Float32Array(spanOf(view)));
    interpret(body, known);
  }
  const read = new Set(steps.flatMap(({ body }) => accessesOf(body).loads.map(({ view }) => view.name)));
  const kept = new Map([...known].filter(([name]) => read.has(name)));
  for (const values of kept.values()) {
    const wrong = values.find((value) => !Number.isFinite(value));
    if (wrong !== undefined)
      throw new InklingError(
        "INVALID_DATA",
        `export: a weight is ${wrong}, which no prediction can use; export a run whose training did not diverge`,
      );
  }
  return kept;
}

/** From the logits of one image to probabilities. */
function softmaxProgram(classes: number, { temperature, attenuation = 0 }: Scaling) {
  const logits: Tensor = { name: "logits", shape: [1, classes], type: "f32", of: "samples" };
  const graph = new Graph();
  const isScaled = temperature !== 1 || attenuation !== 0;
  const x = isScaled ? graph.apply("calibrated", calibrate, { x: logits }, { temperature, attenuation }) : logits;
  const probabilities = graph.apply("softmax", softmax, { x }, {});
  const spec: ProgramSpec = {
    name: "softmax",
    batch: 1,
    steps: 1,
    nodes: graph.applications,
    updates: [],
    state: [],
    perStep: [logits],
    outputs: [probabilities],
  };
  return { spec, logits, probabilities };
}
