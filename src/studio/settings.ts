import type { LayerField } from "../layers/fields.ts";
import type { LayerConfig } from "../layers/index.ts";
import type { LayerProblem } from "../model/checkLayers.ts";
import type { LayerSummary } from "../model/index.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import type { Overrides, TrainingOption } from "../training/index.ts";

/* What a training is started with, what can be set, and what the settings come to. */

/** What a training is started with. */
export interface Settings {
  /** The name of a recipe. */
  readonly recipe: string;
  readonly overrides: Overrides;
  /** The layers of the network. Default: the recipe's. */
  readonly layers?: readonly LayerConfig[];
  /** The optimizer, as a run that was opened has it. Default: the recipe's. */
  readonly optimizer?: OptimizerConfig;
  /** Whether the learning rate is chosen by trials before the training; it is then among the overrides. */
  readonly chosenRate?: boolean;
  /** Seconds that the training has; the number of steps follows from them. Default: as many as the steps take. */
  readonly budget?: number;
  /** The number of threads. Default: all processors. */
  readonly threads?: number;
  /** Seconds between two times at which the training is stored. Default: 5. */
  readonly checkpointEvery?: number;
  /** The id of the run whose weights the training starts from. Default: random weights. */
  readonly initFrom?: string;
}

/** A setting of a training, for a form. */
export interface SettingInfo
  extends Pick<TrainingOption, "path" | "help" | "type" | "group" | "unit" | "otherwise" | "choices" | "default"> {
  /** Whether it is one of the overrides, or stands beside them. */
  readonly isOverride: boolean;
}

/** A type of layer, for an editor. */
export interface LayerInfo {
  readonly type: string;
  readonly fields: readonly LayerField[];
  /** The settings that it begins with. */
  readonly usual: Readonly<Record<string, unknown>>;
}

/** What the workbench can do, told once. */
export interface About {
  readonly version: string;
  readonly recipes: readonly { readonly name: string; readonly description: string }[];
  readonly settings: readonly SettingInfo[];
  readonly layers: readonly LayerInfo[];
  readonly threads: number;
}

/** The network that is trained, or would be. */
export interface NetworkSummary {
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** A layer of a network that is planned. */
interface PlannedLayer extends Pick<LayerSummary, "parameters" | "multiplyAdds"> {
  readonly config: LayerConfig & { readonly name: string };
  /** The shape of its output for one image. */
  readonly shape: readonly number[];
}

/** What settings come to: the recipe's own values where nothing else is set. */
export interface Plan extends NetworkSummary {
  /** The layers or, where one is wrong, those before it. */
  readonly layers: readonly PlannedLayer[];
  /** Which layer is wrong. */
  readonly problem?: LayerProblem;
  readonly steps: number;
  readonly batchSize: number;
  readonly seed: number;
  /** The highest of the schedule. */
  readonly learningRate: number;
}
