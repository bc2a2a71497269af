/**
 * The service worker of the studio on a static host: it answers with the files of one build, all of them checked, so that the
 * page works without a network, and adds the headers that isolate the page, so that it can use several threads.
 */
import { siteHeaders } from "../serve/siteHeaders.ts";

/** The build: the SHA-256 of each of its files, and that of all of them. The build script puts it here. */
declare const BUILD: { readonly version: string; readonly files: Readonly<Record<string, string>> };
const { version, files } = BUILD;

interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface RequestEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
/** What is used of the scope of a service worker, which the types of pages do not have. */
interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: LastingEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: RequestEvent) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}
const worker = self as unknown as WorkerScope;

const base = worker.registration.scope;
/** Sites at other paths of the same host have caches of their own. */
const PREFIX = `inkling-studio ${new URL(base).pathname} `;
const CACHE = PREFIX + version;

const cachesHere = async (): Promise<readonly string[]> =>
  (await caches.keys()).filter((name) => name.startsWith(PREFIX));

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The file as it is in this build; undefined for one of another build. */
async function checked(name: string, response: Response | undefined): Promise<Response | undefined> {
  if (!response?.ok) return undefined;
  const bytes = await response.arrayBuffer();
  if (hex(await crypto.subtle.digest("SHA-256", bytes)) !== files[name]) return undefined;
  const type = response.headers.get("Content-Type") ?? "application/octet-stream";
  return new Response(bytes, { headers: { ...siteHeaders, "Content-Type": type } });
}

/** A file from the cache of an earlier build where it is the same, or else from the host. */
async function load(name: string, earlier: readonly Cache[]): Promise<Response> {
  const url = new URL(name, base).href;
  for (const cache of earlier) {
    const kept = await checked(name, await cache.match(url));
    if (kept) return kept;
  }
  const loaded = await checked(name, await fetch(url, { cache: "no-cache" }));
  if (loaded) return loaded;
  throw new Error(`${url} is not that of this build, which the host may be replacing; the browser will try again`);
}

/** Loads the whole build, or nothing of it. */
async function install(): Promise<void> {
  const earlier = await Promise.all((await cachesHere()).map((name) => caches.open(name)));
  const cache = await caches.open(CACHE);
  try {
    for (const name of Object.keys(files)) await cache.put(new URL(name, base).href, await load(name, earlier));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function activate(): Promise<void> {
  for (const name of await cachesHere()) if (name !== CACHE) await caches.delete(name);
  await worker.clients.claim();
}

/** The name of the file at an address; undefined for what is not of this build. */
function fileAt(address: string): string | undefined {
  const url = new URL(address);
  const path = url.origin + url.pathname;
  if (!path.startsWith(base)) return undefined;
  const name = path.slice(base.length) || "index.html";
  return Object.hasOwn(files, name) ? name : undefined;
}

/** A browser that needs space may have deleted the cache; then only a host that still has this build helps. */
async function answer(name: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(new URL(name, base).href)) ?? load(name, []);
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const name = event.request.method === "GET" ? fileAt(event.request.url) : undefined;
  if (name !== undefined) event.respondWith(answer(name));
});
// A page that uses the build before asks for this one, once its user wants it.
worker.addEventListener("message", ({ data }) => {
  if (data === "update") void worker.skipWaiting();
});
