/** Writes data/decoder-licenses.txt: the notices of what the decoder is built from, which go wherever it goes. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const cargo = (...args) =>
  execFileSync("cargo", args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });

const target = "wasm32-unknown-unknown";
const { packages } = JSON.parse(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", target));
const linked = new Set(
  cargo("tree", "--locked", "--target", target, "-e", "normal", "--prefix", "none", "--format", "{p}")
    .split("\n")
    .map((line) => line.split(" ").slice(0, 2).join(" ")),
);

/** The permissive licence that needs the shortest notice, of those that a crate may be used by. */
function noticeOf({ manifest_path, name }) {
  const names = ["LICENSE-MIT", "LICENSE-MIT.md", "LICENSE.md", "LICENSE"];
  const file = names.map((license) => join(dirname(manifest_path), license)).find(existsSync);
  if (!file) throw new Error(`${name} comes without the text of its licence`);
  return readFileSync(file, "utf8").replaceAll("\r", "").trim();
}

const crates = packages
  .filter(({ name, version, source }) => source && linked.has(`${name} v${version}`))
  .map((crate) => ({ title: `${crate.name} ${crate.version} (${crate.license})`, notice: noticeOf(crate) }));
const mit = crates.find(({ notice }) => /^Permission is hereby granted/m.test(notice)).notice;
const standard = {
  title: "Rust's standard library (MIT OR Apache-2.0)",
  notice: `Copyright (c) The Rust Project Contributors\n\n${mit.slice(mit.indexOf("Permission is hereby granted"))}`,
};

writeFileSync(
  new URL("../../data/decoder-licenses.txt", import.meta.url),
  `The decoder of pictures, dist/bundle/chunks/decoderModule.js, is built from these, with thanks to their authors.\n${[
    ...crates,
    standard,
  ]
    .map(({ title, notice }) => `\n${"=".repeat(80)}\n${title}\n\n${notice}\n`)
    .join("")}`,
);
