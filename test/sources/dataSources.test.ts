import { readdirSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DirectoryHandle, FileHandle } from "../../src/index.ts";
import { type DataSource, encodeDataset, encodePack, fingerprint, openDataset, openStreamed } from "../../src/index.ts";
import * as node from "../../src/node.ts";
import { failure, sorted } from "../formats/datasets.ts";

const dataset = sorted(40, [5, 6, 1], ["A", "B", "C", "D"]);
let root: string;
let server: Server;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "inkling-sources-"));
  server = createServer(async ({ url = "/" }, response) => {
    const bytes = await readFile(join(root, decodeURIComponent(url))).catch(() => undefined);
    response.writeHead(bytes ? 200 : 404, bytes && { "content-length": bytes.length }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  await rm(root, { recursive: true });
});

const urlOf = (name: string) => new URL(name, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
const fileOf = async (path: string, name = basename(path)) => new File([await readFile(path)], name);

/** The files below a folder, as `<input webkitdirectory>` gives them. */
async function chosen(path: string): Promise<File[]> {
  const files = [];
  for (const item of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!item.isFile()) continue;
    const file = await fileOf(join(item.parentPath, item.name));
    const webkitRelativePath = `${basename(path)}/${join(item.parentPath, item.name).slice(path.length + 1)}`;
    files.push(Object.defineProperty(file, "webkitRelativePath", { value: webkitRelativePath }));
  }
  return files;
}

/** A file or folder as a drop gives it. */
function entryOf(path: string, fullPath = `/${basename(path)}`): FileSystemEntry {
  const isDirectory = statSync(path).isDirectory();
  let read = false;
  const entry = {
    ...{ isDirectory, isFile: !isDirectory, name: basename(path), fullPath },
    file: (resolve: (file: File) => void) => void fileOf(path).then(resolve),
    createReader: () => ({
      // All at once, and then none, as browsers do.
      readEntries(resolve: (entries: FileSystemEntry[]) => void) {
        resolve(read ? [] : readdirSync(path).map((name) => entryOf(join(path, name), `${fullPath}/${name}`)));
        read = true;
      },
    }),
  };
  return entry as unknown as FileSystemEntry;
}
/** What a drop has, until its event is over. */
function droppedOf(...paths: readonly string[]) {
  let isOver = false;
  setTimeout(() => (isOver = true));
  const itemOf = (path: string) => ({ kind: "file", webkitGetAsEntry: () => (isOver ? null : entryOf(path)) });
  return { items: [{ kind: "string", webkitGetAsEntry: () => null }, ...paths.map(itemOf)] };
}

/** A folder as the File System API gives it. */
function handleOf(path: string): DirectoryHandle {
  const child = async (name: string, kind: "file" | "directory") => {
    const item = (await readdir(path, { withFileTypes: true })).find((entry) => entry.name === name);
    if (!item || item.isDirectory() !== (kind === "directory")) throw new Error(`NotFoundError: ${name}`);
    return item.isDirectory() ? handleOf(join(path, name)) : fileHandle(join(path, name));
  };
  return {
    kind: "directory",
    name: basename(path),
    async *entries() {
      for (const item of await readdir(path, { withFileTypes: true }))
        yield [item.name, item.isDirectory() ? handleOf(join(path, item.name)) : fileHandle(join(path, item.name))];
    },
    getDirectoryHandle: (name) => child(name, "directory") as Promise<DirectoryHandle>,
    getFileHandle: (name) => child(name, "file") as Promise<FileHandle>,
  };
}
const fileHandle = (path: string): FileHandle => ({ kind: "file", name: basename(path), getFile: () => fileOf(path) });

/** The same data set but for where it is from. */
async function expectSame(source: DataSource, path: string, options = {}): Promise<void> {
  const [opened, expected] = [await openDataset(source, options), await node.openDataset(path)];
  expect({ ...opened, provenance: expected.provenance }).toEqual(expected);
  expect(await fingerprint(opened)).toBe(await fingerprint(expected));
}

describe("openDataset without a file system", () => {
  it.each(["a.inkling", "a.tar", "a.tar.gz", "a.zip", "a.npz", "a.csv", "a.pickle"])(
    "opens a File, a Blob, bytes, a handle and an address: %s",
    async (name) => {
      const path = join(root, name);
      await node.saveDataset(dataset, path);
      const bytes = await readFile(path);
      await expectSame(await fileOf(path), path);
      await expectSame([await fileOf(path)], path);
      await expectSame(droppedOf(path), path);
      await expectSame(new Blob([bytes]), path);
      await expectSame(bytes, path);
      await expectSame(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), path);
      await expectSame(fileHandle(path), path);
      await expectSame(urlOf(name), path);
      if (name === "a.inkling") return; // it knows where its data are from
      expect((await openDataset(await fileOf(path))).provenance.source).toBe(name);
      expect((await openDataset(bytes, { name: "mine" })).provenance.source).toBe("mine");
    },
  );

  it("opens files that were given together: IDX, .npy with its labels, lists with their images", async () => {
    for (const [folder, name, format] of [
      ["idx", "train-images-idx3-ubyte.gz", "idx"],
      ["npy", "images.npy", "npy"],
      ["csv", "list.csv", "csv-files"],
      ["json", "list.jsonl", "jsonl"],
    ] as const) {
      await mkdir(join(root, folder));
      const path = join(root, folder, name);
      await node.saveDataset({ ...dataset, groups: Uint32Array.from(dataset.labels) }, path, { format });
      const options = format === "idx" ? {} : { file: name };
      await expectSame(await chosen(join(root, folder)), path, options);
      await expectSame(handleOf(join(root, folder)), path, options);
      await expectSame(droppedOf(join(root, folder)), path, options);
      await expectSame([entryOf(join(root, folder))], path, options);
      const files = await chosen(join(root, folder));
      if (format === "idx" || format === "npy")
        await expectSame(
          files.map((file) => new File([file], file.name)),
          path,
          options,
        );
    }
  });

  it("opens a folder of images for each class", async () => {
    const path = join(root, "set");
    await node.saveDataset(dataset, `${path}/`);
    await expectSame(await chosen(path), path);
    await expectSame(handleOf(path), path);
  });

  it("says what is missing", async () => {
    const path = join(root, "npy2");
    await mkdir(path);
    await node.saveDataset(dataset, join(path, "images.npy"));
    const alone = await failure(openDataset(await fileOf(join(path, "images.npy"))));
    expect(alone).toMatchObject({ code: "NOT_FOUND", message: expect.stringMatching(/put labels.npy next to it/) });
    const other = await failure(openDataset(handleOf(path), { file: "x.npy" }));
    expect(other).toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(/npy2 has no file x.npy; it has/),
    });
    expect((await failure(openDataset("letters" as unknown as URL))).message).toMatch(/"letters" is not a data source/);
    expect((await failure(openDataset(undefined as unknown as URL))).code).toBe("INVALID_ARGUMENT");
  });

  it("says so where the browser no longer lets it read a file or a folder", async () => {
    const path = join(root, "withdrawn");
    await mkdir(path);
    await node.saveDataset(dataset, join(path, "images.npy"));
    const refused = () => Promise.reject(new DOMException("the permission was withdrawn", "NotAllowedError"));
    const file = { kind: "file", name: "a.npz", getFile: refused } as const;
    const unlisted = { ...handleOf(path), entries: () => ({ [Symbol.asyncIterator]: () => ({ next: refused }) }) };
    const unreadable = { ...handleOf(path), getFileHandle: async () => file };
    for (const source of [file, unlisted, unreadable])
      expect(await failure(openDataset(source, source === unreadable ? { file: "a.npz" } : {}))).toMatchObject({
        code: "FILE_SYSTEM",
        message: expect.stringMatching(/cannot be read: the permission was withdrawn/),
      });
  });

  it("skips a listed image that was not given, by name", async () => {
    await node.saveDataset(dataset, join(root, "some.jsonl"));
    const files = [await fileOf(join(root, "some.jsonl"))];
    const error = await failure(openDataset(files, { file: "some.jsonl" }));
    expect(error.message).toMatch(
      /none of its 40 files can be read; line 1, some\/A\/00.png: it cannot be read: no such file was given/,
    );
  });

  it("fetches no more than allowed, stops when told to, and says what the server answers", async () => {
    await node.saveDataset(dataset, join(root, "url.npz"));
    expect((await failure(openDataset(urlOf("none.npz")))).message).toMatch(/the server responded with 404/);
    expect(await failure(openDataset(urlOf("url.npz"), { maxBytes: 100 }))).toMatchObject({ code: "NETWORK" });
    expect(await failure(openDataset(urlOf("url.npz"), { signal: AbortSignal.abort() }))).toMatchObject({
      code: "ABORTED",
    });
    const progress: number[] = [];
    await openDataset(urlOf("url.npz"), { onProgress: ({ bytes }) => progress.push(bytes) });
    expect(progress.at(-1)).toBe((await readFile(join(root, "url.npz"))).length);
  });

  it("does not leave a connection open for what it refuses", async () => {
    const unread = createServer((_, response) => {
      response.writeHead(200, { "content-length": 2 ** 30 }).write("the beginning");
    });
    await new Promise<void>((resolve) => unread.listen(0, "127.0.0.1", resolve));
    const closed = new Promise((resolve) => unread.once("request", (_, response) => response.once("close", resolve)));
    const url = new URL(`http://127.0.0.1:${(unread.address() as AddressInfo).port}/`);
    expect(await failure(openDataset(url, { maxBytes: 100 }))).toMatchObject({ code: "NETWORK" });
    await closed;
    unread.close();
  });

  it("takes the part that an address asks for", async () => {
    await node.saveDataset(dataset, join(root, "parts.pickle"));
    const test = await openDataset(urlOf("parts.pickle#test"));
    expect(test.labels).toEqual((await openDataset(urlOf("parts.pickle"), { part: "test" })).labels);
    expect(test.labels.length).toBeLessThan(dataset.labels.length);
    expect((await failure(openDataset(urlOf("url.npz#test")))).message).toMatch(/has no test part/);
  });
});

describe("openStreamed without a file system", () => {
  it("leaves images where they are in bytes, and reads a File into memory where it cannot be read at once", async () => {
    const bytes = await encodePack(dataset, { compress: false });
    const streamed = await openStreamed(bytes);
    if ("images" in streamed) throw new Error("it is in memory");
    const target = new Uint8Array(2 * 30);
    streamed.read([3, 1], target);
    expect(target).toEqual(Uint8Array.of(...dataset.images.subarray(90, 120), ...dataset.images.subarray(30, 60)));
    expect(await fingerprint(streamed)).toBe(await fingerprint(dataset));
    expect(await openStreamed(new Blob([bytes as Uint8Array<ArrayBuffer>]))).toHaveProperty("images");
  });
});

describe("encodeDataset", () => {
  it.each([
    ["a.zip", ["a.zip"]],
    ["a.tar.gz", ["a.tar.gz"]],
    ["images.npy", ["images.npy", "labels.npy", "classes.txt"]],
  ])("gives what saveDataset writes: %s", async (name, names) => {
    const files = await encodeDataset(dataset, name);
    expect(files.map((file) => file.name)).toEqual(names);
    await node.saveDataset(dataset, join(root, name));
    for (const file of files) expect(Buffer.from(file.bytes).equals(await readFile(join(root, file.name)))).toBe(true);
  });

  it("gives a folder as files by their names", async () => {
    const files = await encodeDataset(dataset, "out/");
    expect(files.length).toBe(40);
    expect(files[0]!.name).toBe("out/A/00.png");
  });
});
