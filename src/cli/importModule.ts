import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InklingError } from "../base/error.ts";
import { errorIn } from "./userError.ts";

/**
 * Runs a TypeScript or JavaScript module named by the user, and returns its exports. Its imports of Inkling resolve to
 * this copy of the library, wherever the module is, so that whatever it registers is available here. A module runs
 * once.
 */
async function importModule(specifier: string): Promise<Record<string, unknown>> {
  const [{ createJiti }, inkling, node, extend, ir, testing] = await Promise.all([
    import("jiti"),
    import("../index.node.ts"),
    import("../node.ts"),
    import("../extend.ts"),
    import("../ir.ts"),
    import("../testing.node.ts"),
  ]);
  const virtualModules = {
    inkling,
    "inkling/node": node,
    "inkling/extend": extend,
    "inkling/ir": ir,
    "inkling/testing": testing,
  };
  const from = pathToFileURL(join(process.cwd(), "command.js")).href;
  // Without a cache, which would be in a folder that others may write to.
  return createJiti(from, { virtualModules, fsCache: false }).import(specifier);
}

/** The exports of a file. Throws `INVALID_MODEL` naming the line if it cannot be run. */
export async function importFile(path: string): Promise<Record<string, unknown>> {
  try {
    return await importModule(resolve(path));
  } catch (cause) {
    throw errorIn(path, cause);
  }
}

/**
 * Runs an extension, which registers what it adds: a file, or a package installed where the command is run.
 * Throws `NOT_FOUND` if it is neither, `INVALID_MODEL` if it cannot be run.
 */
export async function loadExtension(fileOrPackage: string): Promise<void> {
  if (statSync(fileOrPackage, { throwIfNoEntry: false })?.isFile()) await importFile(fileOrPackage);
  else
    try {
      await importModule(fileOrPackage);
    } catch (cause) {
      if (cause instanceof InklingError) throw cause;
      const { code, message } = cause as NodeJS.ErrnoException;
      const [first = ""] = message.split("\n");
      if (code === "MODULE_NOT_FOUND" && first.includes(`'${fileOrPackage}'`))
        throw new InklingError(
          "NOT_FOUND",
          `--load ${fileOrPackage}: there is no such file, and no package of that name is installed here; specify a file, or install the package with npm`,
          { cause },
        );
      throw new InklingError("INVALID_MODEL", `${fileOrPackage} cannot be run: ${first}`, { cause });
    }
}
