import { type Dataset, deal } from "../datasets/index.ts";
import { InklingError } from "../tensor/error.ts";

/**
 * Deals the rows of a data set into folds of nearly one size, as {@link splitDataset} deals them into splits: with the
 * classes in proportion, and images of a group or with the same pixels in one fold. Throws `INVALID_ARGUMENT` where
 * there are too few images.
 */
export function dealFolds(dataset: Dataset, folds: number, seed: number): readonly Uint32Array[] {
  const rows = Uint32Array.from(dataset.labels.keys());
  const sizes = Array.from({ length: folds }, (_, fold) => Math.floor((rows.length + fold) / folds));
  const dealt = deal(dataset, rows, sizes, { seed, keepTogether: "pixels" });
  if (dealt.some((fold) => fold.length === 0))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `audit: ${rows.length} images, of which copies and groups stay together, do not fill ${folds} folds; ask for fewer`,
    );
  return dealt.map((fold) => Uint32Array.from(fold).sort());
}
