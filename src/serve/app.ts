import type { Context, Hono, HonoRequest, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { FORMAT_VERSION } from "../base/formatVersion.ts";
import { memoryLimit } from "../base/memory.ts";
import { quoted } from "../base/printable.ts";
import { answerFor, type PictureAnswer, seePicture } from "../evaluation/classify.ts";
import { type Decisions, decisionsOf } from "../evaluation/decisions.ts";
import type { Classifier } from "../evaluation/ensemble.ts";
import { weightsSha256 } from "../training/weightsSha256.ts";
import { Batcher, nextTurn } from "./batcher.ts";
import { type Limits, type NamedPicture, picturesOf } from "./body.ts";
import { requireToken } from "./guard.ts";
import { guardedApp } from "./guardedApp.ts";
import { Counter, formatMetrics, Gauge, Histogram, METRICS_TYPE } from "./metrics.ts";
import { openApi } from "./openApi.ts";
import { cutOff, Problem, problemOf, tooBusy } from "./problem.ts";
import { type Query, queryOf } from "./query.ts";
import { inTime, mostBytes, receiver } from "./receive.ts";

/** What a server is made of. */
export interface AppOptions {
  /** The models by name. */
  readonly models: ReadonlyMap<string, Classifier>;
  readonly limits: Limits;
  /** Whether the server is reached from this machine alone; Host headers are then checked. */
  readonly loopback: boolean;
  /** What requests for predictions must be authorized with, if anything. */
  readonly token?: string | undefined;
  /** Aborts when the server stops: connections then end with their next response. */
  readonly stopping?: AbortSignal;
  /** Is told what answered a request with `INTERNAL`. */
  readonly onError: (error: unknown) => void;
}

/** A model, and what joins the requests for it. */
interface Served {
  readonly name: string;
  readonly trained: Classifier;
  readonly batcher: Batcher;
}

/** Upper bounds in seconds, from what a small model takes to what a large photo does. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const PICTURES = [1, 2, 4, 8, 16, 32];

/** The share of the memory for the bodies of requests in progress, which are there more than once while they are read. */
const BODY_SHARE = 1 / 4;

/**
 * The server of trained models, without what listens on a port: a function from requests to responses, `app.fetch`.
 * Every error is a JSON object `{ error: { code, message } }`.
 */
export function createApp({ models, limits, loopback, token, stopping, onError }: AppOptions): Hono {
  const requests = new Counter("inkling_requests_total", "Requests by route and status.");
  const seconds = new Histogram("inkling_request_seconds", "Time from a request's head to its answer.", SECONDS);
  const pictures = new Counter("inkling_pictures_total", "Pictures by model and whether they could be read.");
  const batches = new Histogram("inkling_batch_pictures", "Pictures of each call of a model.", PICTURES);
  let [inProgress, bytesInProgress] = [0, 0];
  const waiting = new Gauge("inkling_requests_in_progress", "Requests for predictions in progress.", () => inProgress);

  const served = new Map<string, Served>();
  for (const [name, trained] of models)
    served.set(name, { name, trained, batcher: new Batcher(trained, (n) => batches.observe({ model: name }, n)) });

  /** Throws `NOT_FOUND`, and `INVALID_ARGUMENT` if one of several models must be named. */
  function modelNamed(name: string | undefined): Served {
    const names = () => [...served.keys()].join(", ");
    if (name === undefined && served.size > 1)
      throw new Problem("INVALID_ARGUMENT", `model is missing; expected one of ${names()}`);
    const found = name === undefined ? [...served.values()][0] : served.get(name);
    if (!found) throw new Problem("NOT_FOUND", `there is no model ${quoted(name)}; models are ${names()}`);
    return found;
  }

  const receive = receiver(limits.bodyBytes);

  const predict = async (context: Context): Promise<Response> => {
    const query = queryOf(new URLSearchParams(/\?.*/s.exec(context.req.url)?.[0]));
    const model = modelNamed(context.req.param("model") ?? query.model);
    const read = (request: HonoRequest) => picturesOf(request, limits.pictures);
    const files = await inTime(receive(context, read), limits.seconds);
    const answer = await classify(
      model,
      files,
      query,
      performance.now() + 1000 * limits.seconds,
      context.req.raw.signal,
    );
    pictures.add({ model: model.name, result: "answered" }, answer.pictures.length);
    pictures.add({ model: model.name, result: "unreadable" }, answer.unreadable.length);
    if (answer.pictures.length > 0) return context.json(answer);
    const [{ name, reason }] = answer.unreadable as [Unreadable];
    throw new Problem("INVALID_DATA", `no picture could be read; ${name}: ${reason}`);
  };

  const admit: MiddlewareHandler = async ({ req }, next) => {
    const bytes = mostBytes(req, limits.bodyBytes);
    const isFull = inProgress > 0 && bytesInProgress + bytes > BODY_SHARE * memoryLimit();
    if (inProgress >= limits.requests || isFull)
      throw new Problem("TOO_MANY_REQUESTS", `${inProgress} requests are in progress already`, { "Retry-After": "1" });
    inProgress++;
    bytesInProgress += bytes;
    try {
      await next();
    } finally {
      inProgress--;
      bytesInProgress -= bytes;
    }
  };

  const { app, route } = guardedApp({
    loopback,
    onError,
    nothingHere: "there is nothing here; /openapi.json lists what there is",
    async around(context, next) {
      const started = performance.now();
      await next();
      const path = routePath(context, -1);
      requests.add({ path, status: context.res.status });
      seconds.observe({ path }, (performance.now() - started) / 1000);
      if (stopping?.aborted) context.header("Connection", "close");
    },
  });

  // What needs no token says nothing about the models.
  route("GET", "/healthz", (context) => context.json({ status: "ok" }));
  route("GET", "/openapi.json", (context) => context.json(openApi(token !== undefined, limits)));
  route("GET", "/", async (context) => {
    const { servePage } = await import("../report/pages/servePage.tsx");
    const { html, policy } = servePage(token !== undefined);
    return context.html(html, 200, {
      "Content-Security-Policy": `${policy}; frame-ancestors 'none'`,
      "Referrer-Policy": "no-referrer",
    });
  });

  if (token !== undefined) for (const path of ["/v1/*", "/metrics"]) app.use(path, requireToken(token));
  let described: ReturnType<typeof describeModels> | undefined;
  route("GET", "/v1/models", async (context) => context.json(await (described ??= describeModels(models))));
  const metrics = [requests, seconds, pictures, batches, waiting];
  route("GET", "/metrics", (context) => context.body(formatMetrics(metrics), 200, { "Content-Type": METRICS_TYPE }));
  for (const path of ["/v1/predict", "/v1/models/:model/predict"]) route("POST", path, admit, predict);
  return app;
}

/** A picture that could not be read. */
interface Unreadable {
  readonly name: string;
  readonly reason: string;
}

/** The answer to a request, as `inkling predict --json` gives it. */
interface PredictAnswer extends Decisions {
  readonly formatVersion: number;
  readonly model: string;
  readonly pictures: readonly PictureAnswer[];
  readonly unreadable: readonly Unreadable[];
  readonly seconds: number;
}

/** Decodes, prepares and predicts pictures, unless the client leaves. Throws as {@link Batcher.predict} does, and for options that do not fit. */
async function classify(
  { name: model, trained, batcher }: Served,
  files: readonly NamedPicture[],
  { answer, decide, prepare }: Query,
  deadline: number,
  client: AbortSignal,
): Promise<PredictAnswer> {
  const started = performance.now();
  const decisions = decisionsOf(trained, decide);
  const unreadable: Unreadable[] = [];
  const answers: Promise<PictureAnswer>[] = [];
  for (const [k, { name, bytes }] of files.entries()) {
    if (k > 0) await nextTurn(); // a request with many pictures must not keep the others waiting
    if (client.aborted) throw cutOff();
    if (performance.now() > deadline) throw tooBusy();
    try {
      const seen = await seePicture(trained, bytes, prepare);
      const predicted = batcher.predict(seen.image.pixels, deadline);
      const answered = predicted.then((prediction) => answerFor(name, prediction, seen, answer, decisions));
      // Awaited below; if it fails before that, Node would end the process over an unhandled rejection.
      answered.catch(() => {});
      answers.push(answered);
    } catch (error) {
      const { code, message } = problemOf(error);
      if (code !== "INVALID_DATA") throw error;
      unreadable.push({ name, reason: message });
    }
  }
  return {
    formatVersion: FORMAT_VERSION,
    model,
    ...decisions,
    pictures: await Promise.all(answers),
    unreadable,
    seconds: (performance.now() - started) / 1000,
  };
}

/** The models as plain data. */
const describeModels = async (models: ReadonlyMap<string, Classifier>) => ({
  formatVersion: FORMAT_VERSION,
  models: await Promise.all(
    Array.from(models, async ([name, { model, weights }]) => {
      const [height, width, channels] = model.input;
      return {
        name,
        classes: model.classes,
        input: { height, width, channels },
        weightsSha256: await weightsSha256(weights),
      };
    }),
  ),
});
