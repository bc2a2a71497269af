import type { AnyDataset } from "../../datasets/index.ts";
import type { ReadOptions } from "../../formats/format.ts";
import { UnequalSizes } from "../../image/image.ts";

/**
 * Opens data for the page. Pictures of different sizes are read again and stretched to one size, which the reading says:
 * people drop pictures as they have them, and a page has no options for reading. Throws what `open` throws otherwise.
 */
export async function openedAtOneSize<D extends AnyDataset>(
  open: (reading?: Pick<ReadOptions, "resize">) => Promise<D>,
): Promise<{ readonly dataset: D; readonly isResized: boolean }> {
  try {
    return { dataset: await open(), isResized: false };
  } catch (error) {
    if (!(error instanceof UnequalSizes)) throw error;
    return { dataset: await open({ resize: error.common }), isResized: true };
  }
}
