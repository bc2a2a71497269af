/**
 * What is decided about an image: that its label is right, that it is left out, or which class it belongs to. As in a file of
 * label corrections.
 */
export type Decision =
  | { readonly action: "keep" }
  | { readonly action: "drop" }
  | { readonly action: "relabel"; readonly to: number };

/**
 * An edit of the data, as plain data. Rows count the images of the source, then all added ones; classes are numbered as in the
 * source, then in the order in which they were made. Neither number changes by another edit, so edits can be undone.
 */
export type Edit =
  | { readonly type: "decide"; readonly rows: readonly number[]; readonly decision: Decision | null }
  | { readonly type: "newClass"; readonly name: string }
  | { readonly type: "rename"; readonly label: number; readonly name: string }
  | { readonly type: "merge"; readonly label: number; readonly into: number }
  | { readonly type: "delete"; readonly label: number }
  /** Pictures whose names these are, the first of which is the added picture of number `first`. */
  | { readonly type: "add"; readonly label: number; readonly first: number; readonly names: readonly string[] };

/** Edits that are made, undone and made again together. */
export type Step = readonly Edit[];
