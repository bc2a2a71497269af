import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface Typed {
  readonly type: string;
}

/**
 * The records that files of a folder of src export and a list of the built-in ones lacks, as `file: type`. A record is
 * known by its type and its schema.
 */
export async function unlisted(folder: string, listed: readonly Typed[]): Promise<readonly string[]> {
  const path = fileURLToPath(new URL(`../../src/${folder}/`, import.meta.url));
  const files = readdirSync(path).filter((name) => name.endsWith(".ts"));
  const found = await Promise.all(
    files.map(async (file) => {
      const exported = Object.values(await import(join(path, file)));
      const records = exported.filter(
        (x): x is Typed => typeof x === "object" && x !== null && "schema" in x && "type" in x,
      );
      return records.filter((record) => !listed.includes(record)).map(({ type }) => `src/${folder}/${file}: ${type}`);
    }),
  );
  return found.flat();
}

/** Built-in types that a table of cases lacks. */
export const without = (cases: Readonly<Record<string, unknown>>, types: readonly Typed[]): readonly string[] =>
  types.map(({ type }) => type).filter((type) => !(type in cases));
