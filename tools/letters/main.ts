import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pako from "pako";
import { encodePack } from "../../src/formats/pack.ts";
import { attributionPage } from "./attribution.ts";
import { pinnedFamilies, readFamily } from "./family.ts";
import { drawLetters } from "./letters.ts";
import { statistics } from "./statistics.ts";

/** The limit that the project sets itself for the file in its repository and its package. */
const MAX_BYTES = 4_000_000;

/** `tools/letters`, seen from `tools/letters/out/tools/letters/main.js`. */
const root = fileURLToPath(new URL("../../../", import.meta.url));
const data = join(root, "../../data");

const families = pinnedFamilies(root).map(({ id, version }) => readFamily(root, id, version));
const letters = drawLetters(families);
const pack = await encodePack(letters.dataset, { deflate: (raw) => pako.deflate(raw, { level: 9, memLevel: 9 }) });
const digest = createHash("sha256").update(pack).digest("hex");
const files: Record<string, string | Uint8Array> = {
  "letters.inkling": pack,
  "letters.sha256": `${digest}  letters.inkling\n`,
  "letters-attribution.md": attributionPage(letters.families),
};

console.log(statistics(letters));
console.log(`${pack.length} bytes, sha256 ${digest}`);
if (pack.length >= MAX_BYTES) throw new Error(`the pack has ${pack.length} bytes, expected less than ${MAX_BYTES}`);

if (process.argv.includes("--check")) {
  const changed = Object.keys(files).filter(
    (name) => !readFileSync(join(data, name)).equals(Buffer.from(files[name]!)),
  );
  console.log(
    changed.length === 0 ? "The files in data are these, byte for byte." : `Other bytes: ${changed.join(", ")}`,
  );
  process.exitCode = changed.length === 0 ? 0 : 1;
} else for (const [name, content] of Object.entries(files)) writeFileSync(join(data, name), content);
