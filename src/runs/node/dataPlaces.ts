import { existsSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { isFetched } from "../../sources/node/fetch/fetchDataset.ts";
import type { DataSpec, TrainingSpec } from "../../training/spec.ts";
import type { DataPlaces } from "../record.ts";

/** A source without the part that follows # in it. */
function divided(source: string): { readonly path: string; readonly part: string } {
  const at = existsSync(source) ? -1 : source.lastIndexOf("#");
  return at < 0 ? { path: source, part: "" } : { path: source.slice(0, at), part: source.slice(at) };
}

const isPath = (source: string): boolean => source !== "letters" && !(isFetched(source) && !existsSync(source));

const sourcesOf = ({ source, test, validation, fixes = [] }: DataSpec): readonly string[] =>
  [source, test, validation, ...fixes].filter((source) => source !== undefined);

/** The places of a run's data, as they are now. Names of sets to fetch have none. */
export function placesOf(folder: string, data: DataSpec): DataPlaces {
  const paths = sourcesOf(data).map((source) => divided(source).path);
  const here = paths.filter((path) => isPath(path) && existsSync(path));
  return Object.fromEntries(
    here.map((path) => [path, { absolute: resolve(path), relative: relative(resolve(folder), resolve(path)) }]),
  );
}

/**
 * The training of a run with the paths that its data have now: where they were, or where they would be if they were moved
 * together with the run, or beside it. A path that leads nowhere is kept as the user gave it.
 */
export function locateData(
  folder: string,
  { config, places = {} }: { readonly config: TrainingSpec; readonly places?: DataPlaces | undefined },
): TrainingSpec {
  const find = (source: string): string => {
    const { path, part } = divided(source);
    if (!isPath(path)) return source;
    const known = places[path];
    if (existsSync(path) && (known === undefined || resolve(path) === known.absolute)) return source;
    const name = basename(path);
    const candidates = [
      ...(known ? [known.absolute, join(folder, known.relative)] : []),
      path,
      // A run without places: runs are usually in the folder runs of the working directory.
      ...[join(folder, "..", ".."), join(folder, ".."), folder].flatMap((base) => [
        resolve(base, path),
        join(base, name),
      ]),
    ];
    const found = candidates.find((candidate) => existsSync(candidate));
    return found === undefined ? source : `${found}${part}`;
  };
  const { source, test, validation, fixes } = config.data;
  return {
    ...config,
    data: {
      ...config.data,
      source: find(source),
      ...(test !== undefined && { test: find(test) }),
      ...(validation !== undefined && { validation: find(validation) }),
      ...(fixes && { fixes: fixes.map(find) }),
    },
  };
}
