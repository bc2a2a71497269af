/** Runs work with a signal that aborts at the first Ctrl-C; a second one ends the process immediately. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop);
  try {
    return await work(abort.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}
