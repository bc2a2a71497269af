import { bars } from "./bars.js";

/** What a page does with the library, bundled or not: `inkling` is what it has loaded of it. */
export const pageWith = ({ trainInWorker, recipe, PortableRun }) => ({
  /** Trains the recipe `lenet` in a worker: two single steps, and the others at once. */
  async trainStepwise(options) {
    const run = trainInWorker(recipe("lenet"), bars(), options);
    run.pause();
    const seen = { kinds: new Set(), steps: [], checkpoints: [(await run.checkpoint()).step] };
    run.step();
    for await (const event of run) {
      seen.kinds.add(event.type);
      if (event.type === "start") seen.threads = event.threads;
      if (event.type !== "progress" || event.step > 2) continue;
      seen.steps.push(event.step);
      seen.checkpoints.push((await run.checkpoint()).step);
      if (event.step === 1) run.step();
      else run.resume();
    }
    const { weightsSha256 } = await run.result();
    const { label } = await (await run.model()).predict(bars().images.subarray(0, 784));
    return { ...seen, kinds: [...seen.kinds], weightsSha256, label };
  },

  /** Stops a training after some steps, and returns the file of the run, in base64. */
  async stopAfter(last, options) {
    const abort = new AbortController();
    const run = trainInWorker(recipe("lenet"), bars(), { ...options, signal: abort.signal });
    const saved = new PortableRun({ source: "bars" });
    run.pause();
    run.step();
    try {
      for await (const event of run) {
        saved.record(event);
        if (event.type === "progress") event.step < last ? run.step() : abort.abort();
      }
    } catch (error) {
      if (error.code !== "ABORTED") throw error;
    }
    return btoa(Array.from(await saved.encode(), (byte) => String.fromCharCode(byte)).join(""));
  },

  /** Goes on with a run from such a file to its end. */
  async goOn(base64) {
    const saved = await PortableRun.open(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
    const { weightsSha256 } = await trainInWorker(saved.model, bars(), saved.options).result();
    return { from: saved.checkpoint.step, weightsSha256 };
  },

  /** What an error of the training says. */
  failing: (options) =>
    trainInWorker(recipe("lenet"), bars(), options)
      .result()
      .then(
        () => "no error",
        ({ code, message }) => `${code}: ${message}`,
      ),
});
