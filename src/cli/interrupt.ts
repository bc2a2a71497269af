/** Runs work with a signal that aborts at the first Ctrl-C; a second one ends the process immediately. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signals: readonly NodeJS.Signals[] = ["SIGINT"],
): Promise<T> {
  const abort = new AbortController();
  const stop = () => {
    release();
    abort.abort();
  };
  const release = () => {
    for (const name of signals) process.off(name, stop);
  };
  for (const name of signals) process.on(name, stop);
  try {
    return await work(abort.signal);
  } finally {
    release();
  }
}
