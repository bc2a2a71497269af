import { affine, axisIndex, plus, scaleOf, times } from "../ir/affine.ts";
import { addInt, indexValue, load } from "../ir/build.ts";
import type { Affine, View } from "../ir/types.ts";
import { at, bytesOf, memory, spanOf, stridesOf } from "../ir/view.ts";
import type { Tensor } from "../ops/graph.ts";
import type { Runtime } from "../ops/op.ts";
import type { Groups } from "./groups.ts";

/**
 * The parameters of a kernel: the step within a call; the part of the phase, which is a group of samples or a part of a
 * nest's output; and the offset of the thread's arena from the first one, in words.
 */
export const STEP = ".step";
export const PART = ".part";
export const ARENA = ".arena";
/** The tile within a group. */
export const TILE = ".tile";

const WORD = 4;

/** Whether a view is in the arenas. */
export const isInArena = (view: View): boolean => scaleOf(view.origin, ARENA) !== 0;

/** The seed, and the number of the first step of a call, which persist between steps. */
export const seedTensor = { name: ".seed", shape: [1], type: "u32", of: "batch" } as const satisfies Tensor;
export const firstStepTensor = { name: ".firstStep", shape: [1], type: "u32", of: "batch" } as const satisfies Tensor;

/**
 * Where a tensor lives.
 *
 * state:   parameters, optimizer state; shared by all programs.
 * perStep: fed to, or read from, each step of a call; one copy per step.
 * kept:    the samples of the whole batch, because another segment, a barrier or the host reads them.
 * tile:    the samples of one tile, in the arena of the thread that computes them.
 * partial: one sum per group.
 * batch:   values of the batch.
 */
export type Storage = "state" | "perStep" | "kept" | "tile" | "partial" | "batch";

/** The views of a program's tensors, as a whole and for one tile. */
export class Tensors {
  readonly #prefix: string;
  readonly #groups: Groups;
  readonly #storage: (t: Tensor) => Storage;
  readonly #halo: (name: string) => View["halo"] | undefined;
  readonly #place: Tensor | undefined;

  constructor(
    program: string,
    groups: Groups,
    storage: (t: Tensor) => Storage,
    halo: (name: string) => View["halo"] | undefined,
    place?: Tensor,
  ) {
    this.#prefix = program;
    this.#groups = groups;
    this.#storage = storage;
    this.#halo = halo;
    this.#place = place;
  }

  /** Whether zeros surround the elements of a buffer. */
  hasHalo(buffer: string): boolean {
    const halo = this.#halo(buffer.slice(this.#prefix.length + 1)) ?? [];
    return halo.flat().some((zeros) => zeros > 0);
  }

  #view(t: Tensor): View {
    const shared = this.#storage(t) === "state";
    const halo = this.#halo(t.name);
    const view = memory(shared ? t.name : `${this.#prefix}/${t.name}`, t.shape, t.type);
    return halo && !shared ? { ...view, halo } : view;
  }

  /** The index in the batch of the first sample of the tile. */
  readonly #firstSample = () =>
    plus(times(axisIndex(PART), this.#groups.groupStride), times(axisIndex(TILE), this.#groups.tileStride));

  /** All samples of a tensor; for a partial one, the total sum. */
  readonly whole = (t: Tensor): View => {
    const view = this.#view(t);
    return this.#storage(t) === "perStep" ? { ...view, origin: affine(0, { [STEP]: spanOf(view) }) } : view;
  };

  /** The samples of one tile; for a partial tensor, the sum of its group. */
  readonly tile = (t: Tensor): View => {
    const storage = this.#storage(t);
    if (storage === "partial") {
      const view = this.partial(t);
      return { ...memory(view.name, t.shape), origin: affine(0, { [PART]: stridesOf(view)[0]! }) };
    }
    const whole = this.whole(t);
    if (t.of === "batch") return whole;
    const view = { ...whole, shape: [this.#groups.tile, ...t.shape.slice(1)] };
    if (storage === "tile") return { ...view, origin: affine(0, { [ARENA]: WORD / bytesOf[t.type] }) };
    return { ...view, origin: plus(whole.origin, times(this.#firstSample(), stridesOf(view)[0]!)) };
  };

  /** The sums of all groups. */
  readonly partial = (t: Tensor): View => memory(`${this.#prefix}/${t.name}.partial`, [this.#groups.count, ...t.shape]);

  /** The runtime values of random ops, within a tile. */
  get runtime(): Runtime {
    const seed = load(at(memory(seedTensor.name, [1], "u32"), 0));
    const inBatch = (n: Affine) => indexValue(plus(n, this.#firstSample()));
    if (this.#place) {
      const place = this.whole(this.#place);
      return { seed, step: load(at(place, 0)), sample: (n) => addInt(inBatch(n), load(at(place, 1))) };
    }
    const firstStep = load(at(memory(firstStepTensor.name, [1], "u32"), 0));
    return { seed, step: addInt(firstStep, indexValue(axisIndex(STEP))), sample: inBatch };
  }
}
