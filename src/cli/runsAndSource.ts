import { existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { InklingError } from "../base/error.ts";
import { RUN_FILE } from "../runs/result.ts";

/** Whether a path is the folder of a run or the file of a model, by its name. */
export function isModel(path: string): boolean {
  if (existsSync(path) && statSync(path).isDirectory()) return existsSync(join(path, RUN_FILE));
  return /\.(safetensors|onnx)$/i.test(path);
}

/**
 * Arguments that are models, except that the last one may be a data set. Throws `INVALID_ARGUMENT` for fewer than two models,
 * for one that is given twice, and for anything else among them.
 */
export function modelsAndSource(
  what: string,
  paths: readonly string[],
): { readonly models: readonly string[]; readonly source: string | undefined } {
  const source = isModel(paths.at(-1)!) ? undefined : paths.at(-1);
  const models = source === undefined ? paths : paths.slice(0, -1);
  const wrong = models.find((path) => !isModel(path)) ?? (models.length < 2 ? source : undefined);
  if (wrong !== undefined)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${wrong} is neither the folder of a run nor a .safetensors or .onnx file; ${what} takes at least two of them, then a data set if you like`,
    );
  if (models.length < 2)
    throw new InklingError("INVALID_ARGUMENT", `${what} takes at least two runs or files of models, but got one`);
  checkDifferent(what, models);
  return { models, source };
}

/** Throws `INVALID_ARGUMENT` for a model that is named twice. */
function checkDifferent(what: string, models: readonly string[]): void {
  const files = models.map((path) => realpathSync(path));
  const again = models.find((_, k) => files.indexOf(files[k]!) < k);
  if (again === undefined) return;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `${again} is given twice; ${what} takes different runs or files of models`,
  );
}
