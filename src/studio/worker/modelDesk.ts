import { InklingError } from "../../base/error.ts";
import { allRows } from "../../datasets/index.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import type { TrainingHistory } from "../../export/exportable.ts";
import type { Picture } from "../../image/picture.ts";
import type { MapPoints } from "../../report/pages/evaluate/mapPoints.ts";
import type { PortableRun } from "../../runs/portableRun.ts";
import type { TrainResult } from "../../training/index.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { ExportForm, TakenFile } from "../workbench.ts";
import { Looking } from "./looking.ts";
import type { Reporter } from "./reporter.ts";
import { heldOutRows, type TestedRows, testedOn } from "./testedOn.ts";

/** What a model is exported with. */
interface ExportSubject {
  /** The run that has trained it. */
  readonly saved: PortableRun;
  readonly data: TrainingData;
  /** What the file is named after. */
  readonly name: string;
}

/** The network of the run that is shown: a look inside, what it answers for test images, exports. */
export class ModelDesk {
  readonly #reporter: Reporter;
  readonly #looking: Looking;
  #trained: TrainedModel | undefined;
  #tested: TestedRows | undefined;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
    this.#looking = new Looking((inside) => reporter.report({ type: "inside", inside }));
  }

  /** The picture that is tried. */
  get picture(): Picture | undefined {
    return this.#looking.picture;
  }

  /** Takes the network of another run, or none. */
  set(trained: TrainedModel | undefined): void {
    this.#trained = trained;
    this.#tested = undefined;
  }

  async try(picture: Picture | Blob): Promise<void> {
    await this.#looking.take(picture);
    await this.look();
  }

  async explain(isOn: boolean): Promise<void> {
    this.#looking.explains = isOn;
    await this.look();
  }

  /** Reports what the network makes of the picture, if there are both. */
  async look(): Promise<void> {
    if (this.#trained) await this.#looking.look(this.#trained);
  }

  /** Takes the weights that a training has now, and reports what they make of the picture, unless that has just been done. */
  lookInPassing(current: () => Promise<TrainedModel>): Promise<void> {
    return this.#looking.lookInPassing(async () => {
      this.#trained = await current();
      return this.#trained;
    });
  }

  /** Takes a network at the end of its training, and reports the result and what it answers for images that it was not trained on. */
  async reportResult(result: TrainResult, trained: TrainedModel, data: TrainingData): Promise<void> {
    this.#trained = trained;
    this.#tested = data.test
      ? await testedOn(trained, data.test, allRows(data.test))
      : await testedOn(trained, data.dataset, heldOutRows(data.division.split));
    this.#reporter.report({ type: "result", result, tested: this.#tested.tested });
    this.#reporter.activity("trained");
  }

  /** A map of the test images by what the last hidden layer makes of them. Throws `NOT_FOUND` before the end of a training. */
  async map(): Promise<MapPoints> {
    const [trained, tested] = [this.#trained, this.#tested];
    if (!trained || !tested) throw new InklingError("NOT_FOUND", "there is no finished training to draw a map of");
    const [{ embeddingMap }, { mapPoints }] = await Promise.all([
      import("../../evaluation/embedding.ts"),
      import("../../report/pages/evaluate/mapPoints.ts"),
    ]);
    const map = await embeddingMap(trained, tested.dataset, { rows: tested.rows });
    return mapPoints(map, tested, tested.placeOf);
  }

  /** Throws `NOT_FOUND` where there is no network that has been trained. */
  async export(form: ExportForm, subject: ExportSubject | undefined): Promise<TakenFile> {
    const trained = this.#trained;
    if (!trained || !subject) throw new InklingError("NOT_FOUND", "there is no trained network yet; train one first");
    const { saved, data, name } = subject;
    const { dataset, division } = data;
    const held = heldOutRows(division.split);
    const rows = held.length > 0 ? held : division.split.training;
    const { exported } = await import("./exported.ts");
    const { config, sessions, result } = saved.run!;
    const step = saved.checkpoint?.step ?? 0;
    const history: TrainingHistory = {
      ...{ config, weights: "last", steps: result?.steps ?? step, arithmetic: sessions.at(-1)!.arithmetic },
      ...(result && { test: result.test }),
    };
    return exported(form, { trained, dataset, rows, history, name });
  }
}
