/** Where each buffer starts in the one memory of a program, in bytes. */
export interface Layout {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<string, number>;
}
