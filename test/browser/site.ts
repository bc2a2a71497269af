import { execFile } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import type { EvaluationReport } from "../../src/index.ts";
import { Packed } from "../package/packed.ts";

/** What a training ended with. */
export interface Trained {
  readonly weightsSha256: string;
  readonly arithmetic: string;
  readonly threads: number;
  readonly imagesPerSecond: number;
  /** How well it does: every number, as plain data. */
  readonly report: EvaluationReport;
}

/** How to train: as the options of `train`. */
export interface Training {
  readonly steps: number;
  readonly threads?: number;
  /** In Node, what to train on. Default: bars. */
  readonly path?: string;
}

/** What a page, or a worker of it, says of a data set that it has opened. */
export interface Opened {
  readonly fingerprint: string;
  readonly images: number;
  readonly names: readonly string[] | undefined;
  readonly groups: readonly number[] | undefined;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** Whether its images stay where they are. */
  readonly isStreamed: boolean;
}

/** Where a page finds files: chosen or dropped by the user, or in a folder of the File System API. */
export interface Choice {
  readonly how: "chosen" | "dropped" | "handle";
  /** A folder's path, or those of files. */
  readonly paths: string | readonly string[];
  readonly options?: object;
  readonly streamed?: boolean;
  readonly inWorker?: boolean;
}

/** What page.js puts into the page. */
interface PageFunctions {
  openFiles(choice: Choice): Promise<Opened>;
  openLetters(inWorker: boolean): Promise<Opened>;
  trainOnFiles(training: Training): Promise<Trained>;
}

/** The shell, which draws no window, opens a page in a third of the processor time. */
const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** The path of a Chromium, such as Debian's, if this machine has one. */
export const chromiumPath: string | undefined = (process.env["PATH"] ?? "")
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find(existsSync);

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".inkling": "application/octet-stream",
  ".wasm": "application/wasm",
};
/** With these a page may share memory between its threads. */
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** The page that is not bundled. */
const PLAIN = "plain.html";

/** A project that has installed the package, and its page, bundled as a user would. */
export class Site {
  readonly #packed = new Packed();
  readonly #folder: string;
  readonly #servers: Server[] = [];
  #browser: Browser | undefined;
  #page: Page | undefined;

  /** A page is a folder beside this file. */
  constructor(folder = "page") {
    this.#folder = folder;
  }

  /** Makes the site; `more` are texts of files to add. */
  async make(more: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#packed.install();
    cpSync(fileURLToPath(new URL(this.#folder, import.meta.url)), this.#packed.project, { recursive: true });
    for (const [name, text] of Object.entries(more)) this.#packed.write(name, text);
    symlinkSync(join(this.#packed.source, "dist"), join(this.#packed.project, "compiled"));
    const pages = readdirSync(this.#packed.project).filter((name) => name.endsWith(".html") && name !== PLAIN);
    await build({
      root: this.#packed.project,
      configFile: false,
      logLevel: "error",
      // Workers in Vite's default format, one script without modules.
      build: {
        outDir: "site",
        target: "es2023",
        rolldownOptions: { input: pages.map((name) => join(this.#packed.project, name)) },
      },
    });
    const standalone = join(this.#packed.project, "node_modules", "inkling", "dist", "standalone");
    cpSync(standalone, join(this.folder, "standalone"), { recursive: true });
    for (const name of [PLAIN, "inWorker.js", "bars.js"])
      if (existsSync(join(this.#packed.project, name)))
        cpSync(join(this.#packed.project, name), join(this.folder, name));
    this.#browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
  }

  /** The folder of the files that it serves. */
  get folder(): string {
    return join(this.#packed.project, "site");
  }

  get browserVersion(): string {
    return this.#browser?.version() ?? "";
  }

  /** The address of the page on a server of its own, on loopback. */
  async serve({ isolated }: { readonly isolated: boolean }): Promise<string> {
    const server = createServer(({ url = "/" }, response) => {
      const name = url === "/" ? "index.html" : url.slice(1);
      const file = join(this.folder, name);
      const type = types[extname(name)];
      if (!type || name.includes("..") || !existsSync(file)) response.writeHead(404).end();
      else response.writeHead(200, { "Content-Type": type, ...(isolated && isolation) }).end(readFileSync(file));
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** The page of the same functions that is not bundled, beside a page that is. */
  static plain = (address: string): string => address + PLAIN;

  /** A new page, to be closed by the caller. */
  async openPage(address: string): Promise<Page> {
    const page = await this.#browser!.newPage();
    await page.goto(address);
    return page;
  }

  /** What a function of the page's global scope comes to, called in a new page. */
  async evaluate<Result>(address: string, name: string, ...args: readonly unknown[]): Promise<Result> {
    const page = await this.openPage(address);
    try {
      await page.waitForFunction(`globalThis.${name}`);
      return await page.evaluate(`${name}(...${JSON.stringify(args)})`);
    } finally {
      await page.close();
    }
  }

  /** Opens files in a page, which a user has chosen or dropped, or in a worker that it starts. */
  async open(address: string, choice: Choice): Promise<Opened> {
    return this.#withFiles(address, choice, (page) =>
      page.evaluate((given) => (globalThis as unknown as PageFunctions).openFiles(given), choice),
    );
  }

  /** Opens the built-in letters, which are fetched from the site, in a page or in a worker. */
  async openLetters(address: string, inWorker: boolean): Promise<Opened> {
    const page = await this.#pageFor(address);
    return page.evaluate((where) => (globalThis as unknown as PageFunctions).openLetters(where), inWorker);
  }

  /** Trains in a page on the file that is dropped on it. */
  async trainOnDropped(address: string, path: string, training: Training): Promise<Trained> {
    return this.#withFiles(address, { how: "dropped", paths: [path] }, (page) =>
      page.evaluate((given) => (globalThis as unknown as PageFunctions).trainOnFiles(given), training),
    );
  }

  async #withFiles<T>(address: string, { paths, how }: Choice, use: (page: Page) => Promise<T>): Promise<T> {
    const page = await this.#pageFor(address);
    await page.setInputFiles(typeof paths === "string" ? "#folder" : "#files", paths);
    if (how === "dropped") await page.evaluate("dropFiles()");
    return use(page);
  }

  /** One page for all files, since a new one takes a second. */
  async #pageFor(address: string): Promise<Page> {
    if (this.#page?.url() === address) return this.#page;
    this.#page = await this.#browser!.newPage();
    await this.#page.goto(address);
    await this.#page.waitForFunction("globalThis.openFiles");
    return this.#page;
  }

  /** Trains in a new page, in the page itself or in a worker that it starts. */
  train(address: string, training: Training, { inWorker = false } = {}): Promise<Trained> {
    return this.evaluate(address, "trainSeed", training, inWorker);
  }

  /** The scripts that the page and its workers are bundled into. */
  scripts(): readonly { readonly name: string; readonly text: string }[] {
    const folder = join(this.folder, "assets");
    const names = readdirSync(folder).filter((name) => name.endsWith(".js"));
    return names.map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
  }

  /** The same training in Node. */
  async trainInNode(training: Training): Promise<Trained> {
    const args = [join(this.#packed.project, "node.js"), JSON.stringify(training)];
    return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
  }

  async remove(): Promise<void> {
    await this.#browser?.close();
    for (const server of this.#servers) server.close();
    this.#packed.remove();
  }
}
