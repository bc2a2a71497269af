import type { Image } from "../image/image.ts";

/* What the page knows of the data that are open. */

/** A class of the data, with some of its images. */
export interface ClassSummary {
  /** Its number in edits. */
  readonly label: number;
  readonly name: string;
  readonly images: number;
  readonly samples: readonly Image[];
}

/** The data that are open. */
export interface DataSummary {
  /** "letters", or the name of what was dropped. */
  readonly source: string;
  /** What files of these data, and of what is trained on them, are named after. */
  readonly fileName: string;
  /** The recipe that such data are trained with by default. */
  readonly recipe: string;
  readonly images: number;
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly classes: readonly ClassSummary[];
  /** How the source was read, such as which folders are classes. */
  readonly reading?: string;
  /** Files that could not be used, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly edits: EditSummary;
}

/** What the user has changed. */
interface EditSummary {
  /** Whether the data differ from those that were opened. */
  readonly isEdited: boolean;
  /** Images about which something is decided. */
  readonly decided: number;
  readonly leftOut: number;
  readonly added: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** How the images are divided. */
export interface Division {
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** What makes scores misleading. */
  readonly warnings: readonly string[];
  /** Images with the same pixels as another. */
  readonly copies: number;
  /** Images of the validation or test with a copy in training, or of the test with one in the validation. */
  readonly leaks: number;
}
