import { describe, expect, it, vi } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { philox, purposes } from "../../src/base/philox.ts";
import { createStudioApp, type StudioAppOptions } from "../../src/studio/server/app.ts";
import { Feed } from "../../src/studio/server/feed.ts";
import type { Update } from "../../src/studio/updates.ts";
import { decodeBody, decodeLine, encodeBody, encodeLine } from "../../src/studio/wire.ts";
import { generator, mutate, mutations } from "../hostile/mutations.ts";

/** Malformed calls; `npm run fuzz` tries more. */
const COUNT = mutations(400);
/** Bytes by which all of them may let the process grow. */
const GROWTH = 200 * 2 ** 20;

const token = "0123456789abcdef".repeat(4);
const code = "fedcba9876543210".repeat(4);
const Host = "127.0.0.1:4000";
const own = { Host, Authorization: `Bearer ${token}` };

function appWith(options: Partial<StudioAppOptions> = {}) {
  const [call, onError, feed] = [vi.fn(async () => "done"), vi.fn(), new Feed()];
  const files = async (name: string) =>
    name === "index.html" ? { type: "text/html", bytes: new Uint8Array(2) } : undefined;
  const app = createStudioApp({ files, call, feed, token, code, report: async () => undefined, onError, ...options });
  const ask = async (path: string, headers: Record<string, string> = own, method = "GET", body?: BodyInit) => {
    const response = await app.request(path, { method, headers, ...(body !== undefined && { body }) });
    return { status: response.status, headers: response.headers, response };
  };
  const post = async (method: string, args: unknown, headers: Record<string, string> = own) =>
    ask(`/calls/${method}`, headers, "POST", await encodeBody(args).arrayBuffer());
  return { app, call, onError, feed, ask, post };
}

const settings = { recipe: "lenet", overrides: { steps: 3 } };

describe("what is sent between page and server", () => {
  const value = {
    text: "\u2028",
    none: null,
    numbers: [1.5, Number.NaN, Number.NEGATIVE_INFINITY],
    nothing: [undefined],
    bytes: new Uint8Array([0, 255]),
    floats: new Float32Array([0.25, Number.NaN]),
    map: new Map<unknown, unknown>([["a", new Uint8ClampedArray(3)]]),
    $: { $: ["undefined"] },
  };

  it("arrives as it was, in a body and in a line", async () => {
    expect(decodeBody(new Uint8Array(await encodeBody(value).arrayBuffer()))).toEqual(value);
    expect(decodeLine(encodeLine(value))).toEqual(value);
    expect(encodeLine(value)).not.toContain("\n");
    const file = decodeBody(new Uint8Array(await encodeBody([new Blob(["abc"])]).arrayBuffer())) as readonly Blob[];
    expect(await file[0]!.text()).toBe("abc");
  });

  it("refers once to each of its bytes, so that what it takes is in proportion to its size", async () => {
    const bytes = new Uint8Array(await encodeBody([new Uint8Array(3), 1]).arrayBuffer());
    const text = Buffer.from(bytes).toString("latin1");
    expect(decodeBody(bytes)).toEqual([new Uint8Array(3), 1]);
    const json = '[{"$":["Uint8Array",0]},{"$":["Uint8Array",0]}]';
    const head = Uint8Array.from(new Uint8Array(Uint32Array.of(2, json.length, 3).buffer));
    const twice = Uint8Array.from([...head, ...Buffer.from(json), 0, 0, 0]);
    expect(text).toContain('{"$":["Uint8Array",0]}');
    expect(() => decodeBody(twice)).toThrow("twice to the same");
  });

  it("does not change what objects are", () => {
    const json = new TextEncoder().encode('{"__proto__":{"isAdmin":true}}');
    const head = new Uint8Array(new Uint32Array([1, json.length]).buffer);
    const object = decodeBody(new Uint8Array([...head, ...json])) as object;
    expect((object as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});

describe("the studio's server", () => {
  it("has its files alone, isolates its page, and lets it load nothing from elsewhere", async () => {
    const { ask } = appWith();
    const { status, headers } = await ask("/", { Host });
    expect(status).toBe(200);
    expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/,
    );
    for (const path of ["/other.js", "/..%2fpackage.json", "/.%2e/package.json", "/reports/guess", "/calls/"])
      expect((await ask(path, { Host })).status, path).toBe(404);
    expect((await ask("/", { Host }, "POST")).status).toBe(405);
  });

  it.each(["evil.example", "evil.example:4000", "127.0.0.1.evil.example", "192.168.0.2:4000", "0.0.0.0", ""])(
    "does not answer to %j, to which another site may let its own name resolve",
    async (name) => {
      const { ask, post, call } = appWith();
      for (const path of ["/", "/events", "/reports/x", "/nothing"])
        expect((await ask(path, { ...own, Host: name })).status).toBe(403);
      expect((await post("start", [settings], { ...own, Host: name })).status).toBe(403);
      expect(call).not.toHaveBeenCalled();
    },
  );

  it("does nothing for a page of another origin, even with the token, and lets it read nothing", async () => {
    const { ask, post, call } = appWith();
    for (const Origin of ["https://evil.example", "http://127.0.0.1:5000", "http://localhost:4000", "null"]) {
      expect((await post("start", [settings], { ...own, Origin })).status).toBe(403);
      expect((await post("start", [settings], { Host, Origin })).status).toBe(403);
      expect((await ask("/events", { ...own, Origin })).status).toBe(403);
      expect((await ask("/session", { Host, Origin }, "POST", "")).status).toBe(403);
      const preflight = await ask("/calls/start", { Host, Origin }, "OPTIONS");
      expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    }
    // What a form or an image of another site can send has no Origin that is checked, but neither a token.
    expect((await ask("/calls/start", { Host, "Content-Type": "text/plain" }, "POST", "")).status).toBe(401);
    expect(call).not.toHaveBeenCalled();
    expect((await post("start", [settings], { ...own, Origin: `http://${Host}` })).status).toBe(200);
  });

  it.each([
    {},
    { Authorization: "Bearer" },
    { Authorization: `Bearer ${token.slice(1)}` },
    { Authorization: `Bearer ${code}` },
    { Authorization: `Basic ${token}` },
    { Cookie: `token=${token}` },
  ])("asks for its token, which %j is not", async (given) => {
    const { ask, post, call } = appWith();
    const headers = { Host, ...given } as Record<string, string>;
    expect((await ask("/events", headers)).status).toBe(401);
    expect((await ask(`/events?token=${token}`, headers)).status).toBe(401);
    expect((await post("begin", [], headers)).status).toBe(401);
    expect(call).not.toHaveBeenCalled();
  });

  it("gives its token for the code of a link once", async () => {
    const { ask } = appWith();
    const exchange = async (given: unknown) =>
      ask("/session", { Host }, "POST", await encodeBody([given]).arrayBuffer());
    for (const wrong of [code.slice(1), token, "", 1])
      expect((await exchange(wrong)).status).toBeGreaterThanOrEqual(400);
    const { response } = await exchange(code);
    expect(decodeBody(new Uint8Array(await response.arrayBuffer()))).toBe(token);
    expect((await exchange(code)).status).toBe(401);
  });

  it("checks what a call is given, and says what was wrong with it", async () => {
    const { post, call, ask } = appWith();
    for (const [method, args] of [
      ["start", []],
      ["start", [{ recipe: "lenet" }]],
      ["start", [{ ...settings, backend: "native" }]],
      ["start", [{ recipe: "lenet", overrides: { initFrom: "/etc/passwd" } }]],
      ["start", [{ recipe: "lenet", overrides: { constructor: 1 } }]],
      ["start", [{ ...settings, threads: 1e9 }]],
      ["tiles", [new Uint32Array(1e5), 28]],
      ["openPath", [["a"]]],
      ["look", [{ width: 1, height: 1, data: [1] }]],
      ["edit", [[{ type: "decide", rows: "all", decision: null }]]],
    ] as const)
      expect([method, (await post(method, args)).status]).toEqual([method, 400]);
    for (const method of ["constructor", "close", "__proto__", "toString", "nothing"])
      expect((await post(method, [])).status).toBe(404);
    expect((await ask("/calls/look", { ...own, "Content-Length": String(2 ** 27) }, "POST", "x")).status).toBe(413);
    expect(call).not.toHaveBeenCalled();
    call.mockRejectedValueOnce(new InklingError("FILE_SYSTEM", "the disk is full"));
    const { status, response } = await post("pause", []);
    expect([status, await response.json()]).toEqual([
      422,
      { error: { code: "INVALID_DATA", message: "the disk is full" } },
    ]);
  });

  it("tells nothing of an error of its own, but reports it", async () => {
    const { post, call, onError } = appWith();
    call.mockRejectedValueOnce(new Error("secret"));
    const { status, response } = await post("pause", []);
    expect([status, await response.text()]).toEqual([500, expect.not.stringContaining("secret")]);
    expect(onError).toHaveBeenCalledOnce();
  });

  it("has a limit of calls that wait, and of pages that follow", async () => {
    let finish = () => {};
    const blocked = new Promise<string>((resolve) => {
      finish = () => resolve("done");
    });
    const { post, ask, feed } = appWith({ call: () => blocked });
    const calls = Array.from({ length: 70 }, () => post("pause", []));
    const answered: number[] = [];
    for (const call of calls) void call.then(({ status }) => answered.push(status));
    await expect.poll(() => answered).toEqual(Array(6).fill(429)); // whichever came last
    finish();
    await Promise.all(calls);
    expect(answered.slice(6)).toEqual(Array(64).fill(200));

    const pages = await Promise.all(Array.from({ length: 17 }, () => ask("/events")));
    expect(pages.map(({ status }) => status)).toEqual([...Array(16).fill(200), 429]);
    await pages[0]!.response.body!.cancel();
    expect(feed.followers).toBe(15);
    expect((await ask("/events")).status).toBe(200);
    // A page that does not read is told the latest alone, and is cut off at last.
    const reading = pages[1]!.response.body!.getReader();
    const progress = (step: number): Update => ({
      ...{ type: "progress", step, steps: 9, loss: 1, imagesPerSecond: 1, secondsLeft: 1 },
    });
    for (let step = 0; step < 1000; step++) feed.report(progress(step));
    expect(new TextDecoder().decode((await reading.read()).value)).toContain('"step":999');
    for (let n = 0; n < 600; n++) feed.report({ type: "problem", message: "" });
    expect(feed.followers).toBe(0);
  });

  it(`answers ${COUNT} malformed requests or says what is wrong, and does not grow`, {
    timeout: COUNT * 20 + 120_000,
  }, async () => {
    const { app, onError } = appWith();
    const picture = { width: 2, height: 2, data: new Uint8ClampedArray(16) };
    const calls = await Promise.all(
      (
        [
          ["start", [settings]],
          ["look", [picture]],
          ["openFiles", [new Map([["a/b.png", new Blob(["x"])]])]],
          ["edit", [[{ type: "decide", rows: [1, 2], decision: { action: "relabel", to: 1 } }]]],
          ["tiles", [new Uint32Array([1, 2]), 28]],
        ] as const
      ).map(async ([method, args]) => [method, new Uint8Array(await encodeBody(args).arrayBuffer())] as const),
    );
    const before = process.memoryUsage().rss;
    const statuses = new Set<number>();
    for (let n = 0; n < COUNT; n++) {
      const below = (bound: number, draw: number) => philox([n, purposes.test], [draw, 8, 0, 0])[0] % bound;
      const damaged = (text: string) =>
        Buffer.from(mutate(Buffer.from(text), generator(n)))
          .toString("latin1")
          .replaceAll(/[^\x21-\x7e]/g, "?");
      const [method, body] = calls[n % calls.length]!;
      const what = below(6, 0);
      const headers = new Headers(own);
      if (what === 0)
        headers.set(["Host", "Origin", "Authorization", "Content-Length"][below(4, 1)]!, damaged("127.0.0.1:4000"));
      const path = what === 1 ? `/${encodeURI(damaged(`calls/${method}`))}` : `/calls/${method}`;
      const verb = what === 2 ? ["PUT", "DELETE", "PATCH", "OPTIONS"][below(4, 2)]! : "POST";
      const response = await app.request(path, {
        method: verb,
        headers,
        body: what < 3 ? body : (mutate(body, generator(n)) as BodyInit),
      });
      statuses.add(response.status);
      const text = await response.text();
      if (!response.ok) expect(JSON.parse(text).error.message.length, text).toBeLessThanOrEqual(402);
    }
    expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 400, 403, 404, 405]));
    expect(onError).not.toHaveBeenCalled();
    expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH);
  });
});
