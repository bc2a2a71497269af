import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { download } from "../../../src/sources/node/fetch/download.ts";
import type { Clock, FetchEvent, FetchOptions } from "../../../src/sources/node/fetch/options.ts";
import { PartialFile } from "../../../src/sources/node/fetch/partial.ts";
import { whyRefused } from "../../../src/sources/node/fetch/request.ts";
import { failure, withFolder } from "../../formats/datasets.ts";
import { type Answer, file, type Options, serve, status } from "./server.ts";

const right = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 + (i >> 8)) % 256));
const wrong = Buffer.from(right).fill(7, 150_000);
const sha256 = createHash("sha256").update(right).digest("hex");

/** What the clock of the current fetch does when it is told that too long nothing came. */
let ring = () => {};

/** A clock that does not wait: each reading is that many milliseconds after the one before, and alarms ring when a server says so. */
function quickClock(waits: number[], step = 1): Clock {
  let milliseconds = 0;
  return {
    now: () => (milliseconds += step),
    sleep: async (ms) => void waits.push(ms),
    alarm(_, call) {
      ring = call;
      return () => {
        if (ring === call) ring = () => {};
      };
    },
  };
}

/** Fetches, with a clock that does not wait, and gives what came, what was told and what stands beside it. */
async function fetched(
  urls: readonly string[],
  folder: string,
  options: FetchOptions & { readonly known?: boolean } = {},
) {
  const path = join(folder, "data.bin");
  const events: FetchEvent[] = [];
  const waits: number[] = [];
  const clock = quickClock(waits);
  const facts = options.known === false ? {} : { size: right.length, sha256 };
  const error = await download({ name: "data.bin", urls, ...facts }, path, {
    clock,
    onEvent: (event) => events.push(event),
    ...options,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, events, waits, files: await readdir(folder), bytes: existsSync(path) && (await readFile(path)) };
}

const cut = (options: Options = {}) => file(right, { after: 100_000, ...options });

/** The rest of a file that is asked for, whatever the condition. */
const rest =
  (bytes: Buffer, headers: Readonly<Record<string, string>>): Answer =>
  (request, response) => {
    const from = Number(/\d+/.exec(request.headers.range!)![0]);
    const range = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`, ...headers };
    response.writeHead(206, range).end(bytes.subarray(from));
  };

describe("download", () => {
  it.each<[string, Answer[], number | undefined]>([
    ["a good server", [file(right)], 1],
    ["a reset connection", [cut(), file(right)], 2],
    ["a stalled connection", [cut({ wrong: "stall", onStall: () => ring() }), file(right)], 2],
    ["a truncated file", [cut({ wrong: "end" }), file(right)], 2],
    ["several cuts", [cut(), cut(), file(right)], 3],
    ["a server without ranges", [cut({ ignoresRanges: true }), file(right, { ignoresRanges: true })], 2],
    ["a file that changes between ranges", [file(wrong, { etag: '"0"', after: 200_000 }), file(right)], 2],
    ["a change that the server hides", [file(wrong, { after: 200_000 }), file(right), file(right)], 3],
    ["wrong bytes, then right ones", [file(wrong), file(right)], 2],
    ["an overloaded server", [status(503, { "retry-after": "3" }), status(429), file(right)], 3],
    ["no ETag and no length", [cut({ silent: true }), file(right, { silent: true })], 2],
    ["a server that loses its ranges", [cut(), status(416), file(right)], 3],
    ["another range than asked for", [cut(), status(206, { "content-range": "bytes 5-9/300000" }), file(right)], 3],
  ])("gives the right file from %s", async (_, answers, requests) => {
    await using server = await serve(...answers);
    await withFolder(async (folder) => {
      const { error, bytes, files } = await fetched([server.url], folder);
      expect(error).toBeUndefined();
      expect(bytes && right.equals(bytes)).toBe(true);
      expect(files).toEqual(["data.bin"]);
      expect(server.requests.length).toBe(requests);
    });
  });

  it.each<[string, Answer]>([
    ["version", rest(right, { etag: '"2"' })],
    ["size", rest(Buffer.concat([right, right]), {})],
  ])("joins no range of another %s, even where nothing is known of the file", async (_, other) => {
    await using server = await serve(file(wrong, { after: 200_000 }), other, file(right));
    await withFolder(async (folder) => {
      const { bytes } = await fetched([server.url], folder, { known: false });
      expect(bytes && right.equals(bytes)).toBe(true);
      expect(server.requests.length).toBe(3);
    });
  });

  it("gives up a server that always sends another range, since getting the first part again is not progress", async () => {
    const first = cut();
    const answer: Answer = (request, response) =>
      request.headers.range === undefined
        ? first(request, response)
        : status(206, { "content-range": "bytes 5-9/300000" })(request, response);
    await using server = await serve(answer);
    await withFolder(async (folder) => {
      const { error } = await fetched([server.url], folder);
      expect(error).toMatchObject({ code: "NETWORK" });
      expect(server.requests.length).toBeLessThan(8);
    });
  });

  it("goes on where it stopped, by range, also in another call", async () => {
    await using server = await serve(cut(), file(right));
    await withFolder(async (folder) => {
      const first = await fetched([server.url], folder, { tries: 1 });
      expect(first.files.sort()).toEqual(["data.bin.part", "data.bin.part.json"]);
      const second = await fetched([server.url], folder);
      expect(second.bytes && right.equals(second.bytes)).toBe(true);
      expect(server.requests[1]?.headers).toMatchObject({ range: "bytes=100000-", "if-range": '"1"' });
    });
  });

  it("tells the rate, the time left and a redirect elsewhere", async () => {
    await using target = await serve(file(right));
    await using server = await serve(status(302, { location: target.url }));
    await withFolder(async (folder) => {
      const { events } = await fetched([server.url], folder);
      expect(events.map(({ type }) => type)).toEqual(["start", "redirect", "progress", "done"]);
      expect(events[1]).toEqual({ type: "redirect", from: server.url, to: target.url });
      expect(events[2]).toMatchObject({ bytes: 300_000, totalBytes: 300_000, secondsLeft: 0 });
      expect(events[3]).toMatchObject({ bytes: 300_000, sha256 });
    });
  });

  it("waits longer each time, or as the server asks, and gives up", async () => {
    await using server = await serve(status(503));
    await withFolder(async (folder) => {
      const { error, waits, bytes } = await fetched([server.url], folder);
      expect(waits).toEqual([1000, 2000, 4000, 8000]);
      expect(String(error)).toMatch(/the server responded with 503 \(tried 5 times\)/);
      expect(bytes).toBe(false);
    });
    await using busy = await serve(status(429, { "retry-after": "9" }));
    await withFolder(async (folder) => expect((await fetched([busy.url], folder, { tries: 2 })).waits).toEqual([9000]));
  });

  it("takes the next address after one that fails for good", async () => {
    await using bad = await serve(file(wrong));
    await using gone = await serve(status(404));
    await using short = await serve(file(right.subarray(0, 5)));
    await using good = await serve(file(right));
    await withFolder(async (folder) => {
      const urls = [bad.url, gone.url, short.url, "http://127.0.0.1:9/", good.url];
      const { bytes, events } = await fetched(urls, folder);
      expect(bytes && right.equals(bytes)).toBe(true);
      const reasons = events.flatMap((event) => (event.type === "failed" ? [event.reason] : []));
      expect(reasons).toEqual([
        expect.stringMatching(/a different file: its SHA-256 is/),
        "the server responded with 404",
        "it has 5 bytes, expected 300000",
        expect.stringMatching(/tried 5 times/),
      ]);
    });
  });

  it.each<[string, Answer, RegExp]>([
    ["wrong bytes for ever", file(wrong), /it is a different file/],
    ["another size", file(right.subarray(0, 1000)), /it has 1000 bytes, expected 300000/],
    [
      "more than there is",
      file(Buffer.concat([right, right]), { silent: true }),
      /the server sent more data than announced/,
    ],
    ["a stall at once", () => ring(), /no data arrived for 30 s/],
    [
      "another form",
      (_, response) => void response.writeHead(200, { "content-encoding": "br" }).end("x"),
      /content encoding/,
    ],
    ["redirects in a circle", status(302, { location: "/data.bin" }), /redirects more than 5 times/],
    ["a redirect to another protocol", status(302, { location: "file:///etc/passwd" }), /file: is not supported/],
    ["a redirect to what is not HTTPS", status(302, { location: "http://example.com/" }), /not HTTPS, .*--insecure/],
  ])("gives no file, and says why, for %s", async (_, answer, message) => {
    await using server = await serve(answer);
    await withFolder(async (folder) => {
      const { error, bytes } = await fetched([server.url], folder);
      expect(String(error)).toMatch(message);
      expect(error).toMatchObject({ code: "NETWORK" });
      expect(bytes).toBe(false);
    });
  });

  it("gives up a connection by which less arrives than is a sign of life", async () => {
    await using server = await serve(file(right, { after: 10, wrong: "stall" }));
    await withFolder(async (folder) => {
      const trickle = {
        clock: quickClock([], 500),
        onEvent: (event: FetchEvent) => event.type === "progress" && ring(),
      };
      const { error } = await fetched([server.url], folder, trickle);
      expect(String(error)).toMatch(/only 10 bytes arrived in more than 30 s/);
    });
  });

  it("gives the right file by ranges also where neither size nor checksum is known", async () => {
    await using server = await serve(cut(), cut(), file(right));
    await withFolder(async (folder) => {
      const { bytes } = await fetched([server.url], folder, { known: false });
      expect(bytes && right.equals(bytes)).toBe(true);
      expect(server.requests.map(({ headers }) => headers.range)).toEqual([
        undefined,
        "bytes=100000-",
        "bytes=200000-",
      ]);
    });
  });

  it("starts again where it could not tell that the file is the same", async () => {
    const silent = { silent: true, after: 100_000 } as const;
    await using server = await serve(file(wrong, silent), file(right, { silent: true }));
    await withFolder(async (folder) => {
      const { bytes } = await fetched([server.url], folder, { known: false });
      expect(server.requests[1]?.headers.range).toBeUndefined();
      expect(bytes && right.equals(bytes)).toBe(true);
    });
  });

  it("stops when told to, and leaves no lock", async () => {
    await using server = await serve(cut({ wrong: "stall" }));
    await withFolder(async (folder) => {
      const controller = new AbortController();
      const onEvent = ({ type }: FetchEvent) => type === "progress" && controller.abort();
      const { error, files } = await fetched([server.url], folder, {
        signal: controller.signal,
        clock: quickClock([], 1000),
        onEvent,
      });
      expect(error).toMatchObject({ code: "ABORTED" });
      expect(files.sort()).toEqual(["data.bin.part", "data.bin.part.json"]);
    });
  });

  it("fetches a file once at a time, and minds no lock of a process that is gone", async () => {
    await using server = await serve(file(right));
    await withFolder(async (folder) => {
      await writeFile(join(folder, "data.bin.lock"), "999999999");
      expect((await fetched([server.url], folder)).error).toBeUndefined();
      const partial = await PartialFile.take(join(folder, "data.bin"));
      expect(String((await fetched([server.url], folder)).error)).toMatch(/process \d+ is fetching .*data\.bin; wait/);
      await partial.release();
      expect((await fetched([server.url], folder)).error).toBeUndefined();
      await writeFile(join(folder, "file"), "");
      expect((await failure(download({ name: "x", urls: [server.url] }, join(folder, "file/x")))).code).toBe(
        "FILE_SYSTEM",
      );
    });
  });
});

describe("a partial download", () => {
  it("is cut before its note names another version", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "data.bin");
      const partial = await PartialFile.take(path);
      await (await partial.write(0, { url: "a", etag: "0" })).close();
      await writeFile(`${path}.part`, "of the first");
      await rm(`${path}.part.json`);
      await mkdir(`${path}.part.json`); // so that the note cannot be written, as after a kill
      await expect(partial.write(0, { url: "a", etag: "1" })).rejects.toThrow("EISDIR");
      expect((await readFile(`${path}.part`)).length).toBe(0);
      await partial.release();
    });
  });
});

it("follows no redirect from another machine to a server of this one", () => {
  const from = new URL("https://example.com/data.zip");
  for (const address of ["http://localhost:8000/", "https://127.0.0.1/", "http://[::1]/"]) {
    expect(whyRefused(new URL(address), true, from)).toMatch(/example.com redirects to this machine/);
    expect(whyRefused(new URL(address), false)).toBe(undefined);
  }
});
