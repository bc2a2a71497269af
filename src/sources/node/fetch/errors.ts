/** A failure that may pass: the same address is tried again. */
export class RetryError extends Error {
  /** How long the server asks to wait. */
  readonly seconds: number | undefined;
  /** Whether what has come so far is of no use. */
  readonly restart: boolean;
  constructor(message: string, options?: ErrorOptions, seconds?: number, restart = false) {
    super(message, options);
    this.seconds = seconds;
    this.restart = restart;
  }
}

/** A failure that will not pass: the next address is tried. */
export class MirrorError extends Error {}
