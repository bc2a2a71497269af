import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { cacheDirectory, fetchDataset, namedSets, openDataset } from "../../../src/node.ts";
import { failure, withFolder } from "../../formats/datasets.ts";
import { grayPng, gzip, tarOf } from "../files.ts";
import { file, serve } from "./server.ts";

const archive = async () =>
  gzip(await tarOf(Array.from({ length: 20 }, (_, i) => [`set/${"AB"[i % 2]}/${i}.png`, grayPng(i)] as const)));

describe("fetchDataset", () => {
  it("fetches an address once, into the cache, for openDataset too", async () => {
    await using server = await serve(file(await archive()));
    await withFolder(async (cache) => {
      const path = await fetchDataset(server.url, { cache });
      expect(path).toMatch(/datasets.url-[0-9a-f]{16}.data\.bin$/);
      expect((await openDataset(server.url, { fetch: { cache } })).labels.length).toBe(20);
      expect(server.requests.length).toBe(1);
    });
  });

  it("opens what is not there only after it is fetched, and says so through the callback", async () => {
    await using server = await serve(file(await archive()));
    await withFolder(async (cache) => {
      const events: string[] = [];
      const fetch = { cache, onEvent: ({ type }: { readonly type: string }) => events.push(type) };
      expect((await openDataset(server.url, { fetch })).classNames).toEqual(["A", "B"]);
      expect(events).toEqual(["start", "progress", "done"]);
    });
  });

  it("fetches again what is another file in the cache than is meant, or whatever is there if forced", async () => {
    const bytes = await archive();
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await using server = await serve(file(bytes));
    await withFolder(async (cache) => {
      const events: string[] = [];
      const onEvent = ({ type }: { readonly type: string }) => type !== "progress" && events.push(type);
      const path = await fetchDataset(server.url, { cache, sha256 });
      await writeFile(path, "junk");
      expect(await fetchDataset(server.url, { cache, sha256, onEvent })).toBe(path);
      expect((await readFile(path)).equals(bytes)).toBe(true);
      expect(events).toEqual(["stale", "start", "done"]);
      await fetchDataset(server.url, { cache, sha256 });
      expect(server.requests.length).toBe(2);
      await fetchDataset(server.url, { cache, sha256, force: true });
      expect(server.requests.length).toBe(3);
    });
  });

  it("says how to fetch again what came broken", async () => {
    await using login = await serve(file(Buffer.from("<html>login</html>")));
    await using cut = await serve(file((await archive()).subarray(0, -40)));
    await withFolder(async (cache) => {
      for (const { url } of [login, cut]) {
        const { message } = await failure(openDataset(url, { fetch: { cache } }));
        expect(message).toMatch(new RegExp(`To fetch it again: inkling data fetch --force ${url}$`));
      }
    });
  });

  it("refuses what is neither a name nor a safe address", async () => {
    const messageOf = async (source: string, options = {}) => (await failure(fetchDataset(source, options))).message;
    expect(await messageOf("emnist")).toMatch(
      /neither a data set to fetch nor an address; give notmnist-small, .* or an address/,
    );
    expect(await messageOf("http://example.com/a.zip")).toMatch(/not HTTPS/);
    expect(await messageOf("https://me:secret@example.com/a.zip")).toMatch(/with a password/);
    expect(await messageOf("http://127.0.0.1/a", { sha256: "12" })).toMatch(/expected 64 hexadecimal digits/);
  });

  it("reads what is in the cache, also where it would not be fetched", async () => {
    await withFolder(async (cache) => {
      const address = "http://example.com/a.npz";
      const key = createHash("sha256").update(`${address} `).digest("hex").slice(0, 16);
      const folder = join(cache, "datasets", `url-${key}`);
      expect((await failure(fetchDataset(address, { cache }))).message).toMatch(/not HTTPS/);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "a.npz"), "");
      expect(await fetchDataset(address, { cache })).toBe(join(folder, "a.npz"));
    });
  });

  it("names only HTTPS addresses first, and the sizes and checksums of notMNIST", () => {
    for (const { files } of namedSets) for (const { urls } of files) expect(urls[0]).toMatch(/^https:/);
    expect(namedSets.map(({ name }) => name)).toEqual([
      "notmnist-small",
      "notmnist-large",
      "mnist",
      "fashion-mnist",
      "kmnist",
    ]);
    expect(namedSets[1]!.files[0]).toMatchObject({ size: 247_336_696, sha256: expect.stringMatching(/^1e8261b7/) });
  });

  it("keeps the cache where the environment says", () => {
    expect(cacheDirectory({ INKLING_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(cacheDirectory({ XDG_CACHE_HOME: "/b" })).toBe(join("/b", "inkling"));
    expect(cacheDirectory({})).toMatch(/[/\\]inkling$/);
  });
});

const python = process.env["INKLING_PYTHON"];
const run = promisify(execFile);

describe.skipIf(!python)("Python (skipped unless INKLING_PYTHON names one with numpy)", () => {
  it.each([2, 3, 4, 5])("loads a pickle of protocol %i with the shapes and types of the course", async (protocol) => {
    const { saveDataset } = await import("../../../src/node.ts");
    await withFolder(async (folder) => {
      const path = join(folder, "notMNIST.pickle");
      await saveDataset(await openDataset("letters"), path, { protocol });
      expect(existsSync(path)).toBe(true);
      const program = `import pickle; d = pickle.load(open(${JSON.stringify(path)}, "rb")); print({k: (v.shape[1:], str(v.dtype)) for k, v in d.items()})`;
      const { stdout } = await run(python!, ["-c", program]);
      const images = "((28, 28), 'float32')";
      const labels = "((), 'int32')";
      const parts = ["train", "valid", "test"].map((p) => `'${p}_dataset': ${images}, '${p}_labels': ${labels}`);
      expect(stdout.trim()).toBe(`{${parts.join(", ")}}`);
    });
  });
});
