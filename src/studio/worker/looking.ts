import type { TrainedModel } from "../../evaluation/index.ts";
import type { Picture } from "../../image/picture.ts";
import type { PreparedPicture } from "../../pictures/prepare.ts";
import type { Inside } from "../inside.ts";
import { decodedPicture } from "./decodedPicture.ts";
import { Insight } from "./insideOf.ts";

/** The part of a training's time that looking inside may take. */
const LOOK_SHARE = 0.02;

/** What networks make of the picture that is tried. */
export class Looking {
  readonly #report: (inside: Inside) => void;
  #picture: Picture | undefined;
  #prepared: { readonly by: unknown; readonly picture: PreparedPicture } | undefined;
  #insight: Insight | undefined;
  /** When a training may be looked into again, in ms as by `performance.now()`. */
  #next = 0;
  /** Whether a map says where the network sees its answer. */
  explains = false;

  constructor(report: (inside: Inside) => void) {
    this.#report = report;
  }

  /** The picture that is tried. */
  get picture(): Picture | undefined {
    return this.#picture;
  }

  /** The picture from now on. */
  async take(picture: Picture | Blob): Promise<void> {
    this.#picture = "arrayBuffer" in picture ? await decodedPicture(picture) : picture;
    this.#prepared = undefined;
  }

  /** Reports what the network makes of the picture, if there is one. */
  async look(trained: TrainedModel): Promise<void> {
    await this.#look(trained, this.explains);
  }

  /** Reports it while the network learns, unless that has just been done. */
  async lookInPassing(current: () => Promise<TrainedModel>): Promise<void> {
    const now = performance.now();
    if (now < this.#next) return;
    await this.#look(await current(), false);
    const after = performance.now();
    this.#next = after + (after - now) / LOOK_SHARE;
  }

  async #look(trained: TrainedModel, explains: boolean): Promise<void> {
    const picture = this.#picture;
    if (!picture) return;
    if (this.#prepared?.by !== trained.preparation)
      this.#prepared = { by: trained.preparation, picture: trained.prepare(picture) };
    if (!this.#insight?.isFor(trained.model)) {
      void this.#insight?.close();
      this.#insight = new Insight(trained);
    }
    this.#report(await this.#insight.look(trained, this.#prepared.picture, explains));
  }
}
