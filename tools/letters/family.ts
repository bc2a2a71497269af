import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDenied, licences } from "./excluded.ts";
import { type Face, facesOf } from "./faces.ts";

/** A font family: a package `@fontsource/<id>`. */
export interface Family {
  readonly id: string;
  /** As its designers write it. */
  readonly name: string;
  readonly version: string;
  /** SPDX name. */
  readonly licence: string;
  /** Who made it, as its package says. */
  readonly attribution: string;
  readonly faces: readonly Face[];
  readonly folder: string;
}

const SCOPE = "@fontsource/";
const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));

/** The ids of the families that `package.json` pins, in the order of their names. */
export function pinnedFamilies(root: string): { id: string; version: string }[] {
  const { dependencies } = readJson(join(root, "package.json")) as { dependencies: Record<string, string> };
  return Object.entries(dependencies)
    .filter(([name]) => name.startsWith(SCOPE))
    .map(([name, version]) => ({ id: name.slice(SCOPE.length), version }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Reads an installed family and checks it: the pinned version, a licence that allows this use, said twice and with
 * its text, at least one Latin face, and no denied name. Throws where a check fails: then it does not belong in
 * package.json.
 */
export function readFamily(root: string, id: string, version: string): Family {
  const folder = join(root, "node_modules", SCOPE, id);
  const refuse = (reason: string) => new Error(`${SCOPE}${id}: ${reason}`);
  if (!existsSync(folder)) throw refuse("is not installed; run npm ci --ignore-scripts in tools/letters");
  const manifest = readJson(join(folder, "package.json")) as { version: string; license: string };
  const { family, license } = readJson(join(folder, "metadata.json")) as {
    family: string;
    license: { type: string; attribution: string };
  };
  if (manifest.version !== version) throw refuse(`version is ${manifest.version}, expected ${version}`);
  if (isDenied(id)) throw refuse("has no Latin letters");
  const words = licences[manifest.license];
  if (!words || license.type !== manifest.license)
    throw refuse(
      `licence is ${manifest.license}, in its metadata ${license.type}, expected one of ${Object.keys(licences)}`,
    );
  const text = join(folder, "LICENSE");
  if (!existsSync(text) || !words.test(readFileSync(text, "utf8")))
    throw refuse("its licence text is missing or another");
  const faces = facesOf(id, readdirSync(join(folder, "files")));
  if (faces.length === 0) throw refuse("has no Latin face");
  return { id, name: family, version, licence: manifest.license, attribution: license.attribution, faces, folder };
}
