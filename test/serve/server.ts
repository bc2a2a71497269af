import type { Hono } from "hono";
import { vi } from "vitest";
import { encodePng } from "../../src/image/encodePng.ts";
import { conv2d, dense, flatten, network, relu, type TrainedModel } from "../../src/index.ts";
import { type AppOptions, createApp } from "../../src/serve/app.ts";
import type { Limits } from "../../src/serve/body.ts";
import { randomFrom, randomWeights } from "../export/networks.ts";
import { bars } from "../training/data.ts";

const small = network({ input: [8, 8, 1], classes: ["A", "B", "C"] }, [conv2d(4, 3), relu(), flatten(), dense(3)]);

/** A small model; another seed gives other weights. */
export const modelWith = (seed: number): TrainedModel => randomWeights(small, randomFrom(seed));

const { images } = bars(40, { size: 8 });
/** PNG files that have the size of the model's images. */
export const pictures: readonly Buffer<ArrayBuffer>[] = Array.from({ length: 40 }, (_, n) =>
  Buffer.from(encodePng(images.subarray(n * 64, n * 64 + 64), [8, 8, 1])),
);

export const limits: Limits = { bodyBytes: 100_000, pictures: 40, requests: 64, seconds: 10 };

/** Model `first`, and what is told of internal errors. */
export function appWith(options: Partial<AppOptions> = {}): { readonly app: Hono; readonly onError: () => void } {
  const onError = vi.fn();
  const models = new Map([["first", modelWith(1)]]);
  return { app: createApp({ models, limits, loopback: true, onError, ...options }), onError };
}

/** A response's status, and its JSON. */
export async function ask(app: Hono, path: string, init: RequestInit = {}) {
  const response = await app.request(path, { ...init, headers: { Host: "localhost:8000", ...init.headers } });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

/** The request for the prediction of one picture. */
export const send = (body: BodyInit, type = "image/png"): RequestInit => ({
  method: "POST",
  body,
  headers: { "Content-Type": type },
});
