import { expect, it } from "vitest";
import { philox, purposes } from "../../src/base/philox.ts";
import { generator, mutate, mutations } from "../hostile/mutations.ts";
import { appWith, limits, pictures } from "./server.ts";

/** Malformed requests; `npm run fuzz` tries more. */
const COUNT = mutations(3000);
/** Seconds that a request may take, and bytes by which all of them may let the process grow. */
const SECONDS = 2;
const GROWTH = 300 * 2 ** 20;

const picture = pictures[0]!;
const boundary = `${"-".repeat(24)}0123456789abcdef`;
const form = Buffer.concat([
  Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n`),
  picture,
  Buffer.from(`\r\n--${boundary}--\r\n`),
]);
const data = picture.toString("base64");
const bodies = [
  ["image/png", picture],
  [`multipart/form-data; boundary=${boundary}`, form],
  ["application/json", Buffer.from(JSON.stringify({ pictures: [data, { name: "x", data }] }))],
] as const;
const paths = ["/v1/predict?top=2&explain=true&margin=0.1&fit=contain", "/v1/models/first/predict"];

/** A request of which one thing is damaged; one in eight is not. */
function request(n: number): Request {
  const below = (bound: number, draw: number) => philox([n, purposes.test], [draw, 7, 0, 0])[0] % bound;
  const damaged = (text: string) => Buffer.from(mutate(Buffer.from(text), generator(n))).toString("latin1");
  const [type, body] = bodies[n % bodies.length]!;
  const what = below(8, 0);
  const path = paths[below(paths.length, 1)]!;
  const headers = new Headers({ Host: "localhost", "Content-Type": type });
  if (what === 0) headers.set("Content-Type", damaged(type).replaceAll(/[^\x20-\x7e]/g, "?"));
  if (what === 1)
    headers.set(
      ["Host", "Origin", "Content-Encoding"][below(3, 2)]!,
      damaged("localhost").replaceAll(/[^\x21-\x7e]/g, "?"),
    );
  const url = what === 2 ? `/${encodeURI(damaged(path.slice(1)))}` : path;
  const method = what === 3 ? ["PUT", "DELETE", "PATCH", "OPTIONS"][below(4, 3)]! : "POST";
  const bytes = what > 3 && what < 7 ? Buffer.from(mutate(body, generator(n))) : body;
  return new Request(`http://localhost${url}`, { method, headers, body: bytes });
}

it(`answers ${COUNT} malformed requests or says what is wrong, and does not grow`, {
  timeout: COUNT * 20 + 120_000,
}, async () => {
  const { app, onError } = appWith({ limits: { ...limits, requests: 1 } });
  await app.request(request(5));
  const before = process.memoryUsage().rss;
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  let slowest = 0;
  for (let n = 0; n < COUNT; n++) {
    const started = performance.now();
    const response = await app.request(request(n));
    const json = await response.json();
    slowest = Math.max(slowest, performance.now() - started);
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    const isRight = response.ok
      ? json.pictures.length > 0
      : /^[A-Z_]+$/.test(json.error?.code) && json.error.message.length <= 402;
    if (!isRight || response.status >= 500)
      faults.push(`${n}: ${response.status} ${JSON.stringify(json).slice(0, 200)}`);
  }
  expect(faults).toEqual([]);
  expect(onError).not.toHaveBeenCalled();
  // Each kind of damage was there, undamaged requests are answered, and none was taken for another request in progress.
  expect([...statuses.keys()].sort()).toEqual(expect.arrayContaining([200, 400, 403, 405, 415, 422]));
  expect(statuses.has(429)).toBe(false);
  expect(slowest / 1000).toBeLessThan(SECONDS);
  expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH);
});
