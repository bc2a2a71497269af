import { InklingError } from "../base/error.ts";
import { whole } from "../base/format.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import { indexValue, integer } from "../ir/build.ts";
import { multiplyAdds } from "../ir/contraction.ts";
import { memory } from "../ir/view.ts";
import type { Application, Tensor } from "../ops/graph.ts";

/**
 * The largest networks: beyond any that runs here, and small enough that a model file of a few hundred bytes cannot claim
 * the memory or the time of a machine.
 */
const networkLimits = {
  /** Layers. Those of blocks such as inception count one by one. */
  layers: 2000,
  /** Classes. */
  classes: 65536,
  /** Values of one tensor for one image: 2²⁸. */
  values: 2 ** 28,
  /** Trained and other kept values of all layers: 2²⁹, which take 2 GiB. */
  parameters: 2 ** 29,
  /** Multiply-adds of the forward pass for one image: 10¹². */
  multiplyAdds: 1e12,
} as const;

const tooLarge = (what: string, found: number, most: number, advice: string): InklingError =>
  new InklingError("INVALID_MODEL", `${what} ${whole(found)}, more than the limit of ${whole(most)}; ${advice}`);

/** Throws `INVALID_MODEL` for more layers or classes than a network may have. */
export function checkCount(what: "layers" | "classes", count: number): void {
  if (count > networkLimits[what])
    throw tooLarge(`the number of ${what} is`, count, networkLimits[what], `use fewer ${what}`);
}

/** Throws `INVALID_MODEL` for a tensor of too many values for one image. */
export function checkValues(shape: Shape, of: Tensor["of"]): void {
  const one = of === "samples" ? shape.slice(1) : shape;
  const values = sizeOf(one);
  if (values > networkLimits.values)
    throw tooLarge(
      `the number of values of shape ${formatShape(one)} is`,
      values,
      networkLimits.values,
      "use smaller images, or fewer filters or units",
    );
}

/** Adds up values of parameters. Throws `INVALID_MODEL` as soon as there are too many. */
export class ParameterCount {
  #count = 0;

  add(shape: Shape): void {
    this.#count += sizeOf(shape);
    if (this.#count > networkLimits.parameters)
      throw tooLarge(
        "the number of parameters so far is",
        this.#count,
        networkLimits.parameters,
        "use fewer filters or units",
      );
  }
}

/** The multiply-adds of an application of an op. */
export function multiplyAddsOf(application: Application): number {
  const view = (t: Tensor) => memory(t.name, t.shape, t.type);
  const nests = application.nests(view, { seed: integer(0), step: integer(0), sample: indexValue });
  return nests.reduce((sum, nest) => sum + (nest.kind === "contraction" ? multiplyAdds(nest) : 0), 0);
}

/** Throws `INVALID_MODEL` if a graph for one image has too many multiply-adds. */
export function checkWork(applications: readonly Application[]): void {
  const work = applications.reduce((sum, application) => sum + multiplyAddsOf(application), 0);
  if (work > networkLimits.multiplyAdds)
    throw tooLarge(
      "the number of multiply-adds for one image is",
      work,
      networkLimits.multiplyAdds,
      "use smaller images, windows or layers",
    );
}
