import { InklingError } from "../base/error.ts";
import type { LayerConfig } from "../layers/index.ts";
import { buildLayers, type LayeredNetwork } from "./build.ts";
import { defaultPreprocessing, type Model } from "./model.ts";
import { type NetworkSpec, network, parseLayers } from "./network.ts";
import { type LayerSummary, summaryOf } from "./summary.ts";

/** What is wrong with a layer. */
export interface LayerProblem {
  /** Its place, from 0. */
  readonly layer: number;
  readonly message: string;
}

/** What the layers written so far amount to. */
export interface LayersCheck {
  /** The network, if nothing is wrong with it. */
  readonly model?: Model;
  readonly problem?: LayerProblem;
  /** The layers before the one with the problem, with their names. */
  readonly layers: Model["layers"];
  /** The input, then these layers. */
  readonly summary: readonly LayerSummary[];
}

/**
 * Checks layers that are being written, such as in an editor: which of them is the first that is wrong, and what the ones
 * before it compute. Where all fit one another but the last one does not compute one logit per class, it is the last.
 */
export function checkLayers(spec: NetworkSpec, written: readonly LayerConfig[]): LayersCheck {
  let [fitting, failing, message] = [0, written.length + 1, ""];
  // What a sequence of layers lacks, all longer ones lack too.
  while (fitting + 1 < failing) {
    const count = (fitting + failing) >> 1;
    try {
      built(spec, written.slice(0, count));
      fitting = count;
    } catch (error) {
      [failing, message] = [count, messageOf(error)];
    }
  }
  const sound = built(spec, written.slice(0, fitting));
  if (fitting < written.length) return { ...sound, problem: { layer: fitting, message } };
  try {
    return { ...sound, model: network(spec, written) };
  } catch (error) {
    return { ...sound, problem: { layer: Math.max(0, written.length - 1), message: messageOf(error) } };
  }
}

function messageOf(error: unknown): string {
  if (error instanceof InklingError) return error.message;
  throw error;
}

/** Layers, and what they compute. Throws as `network` does, but not where the last one computes no logits. */
function built(spec: NetworkSpec, written: readonly LayerConfig[]): Pick<LayersCheck, "layers" | "summary"> {
  const { input, preprocessing = defaultPreprocessing } = spec;
  const layers = parseLayers(written);
  const part: LayeredNetwork = { input, preprocessing, layers };
  const graphs = { inference: buildLayers(part, 1, false), training: buildLayers(part, 1, true) };
  return { layers, summary: summaryOf(part, graphs, "kernels") };
}
