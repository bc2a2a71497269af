import { InklingError, message, optionRef } from "../base/error.ts";
import { quantity } from "../base/format.ts";
import { listed } from "../base/listed.ts";
import { partNamed } from "../datasets/parts.ts";
import { type SplitName, splitNames } from "../datasets/splitSizes.ts";
import { innermost, nameLevels, sessionScore } from "./levels.ts";

/** What the name of an image says about it. */
export interface Placement {
  readonly className: string;
  readonly part?: SplitName | undefined;
  /** The name of the group with which it is kept together. */
  readonly group?: string | undefined;
}

/** How the folders of a source are read. */
export interface Layout {
  /** For each image its placement, or why it is not in the data set. */
  readonly placements: readonly (Placement | string)[];
  /** What was recognized, in clauses. */
  readonly reading: readonly string[];
}

const ELSEWHERE = "it is not in a class folder: most images are at a different depth";

/** An image and the folders that it is in, from the outermost. */
interface Located {
  readonly index: number;
  readonly folders: readonly string[];
}

/** Images of one part, in folders without that of the part. */
interface Part {
  readonly part: SplitName | undefined;
  /** What its folders are called, such as train; none if the source is not split. */
  readonly called: readonly string[];
  readonly files: readonly Located[];
}

/**
 * Reads the folders of image files as torchvision, Keras, Hugging Face, timm, fastai and Ultralytics lay them out: a folder
 * for each class, possibly inside train, val and test folders (in any case, also train_set and the like), with outer
 * folders that all images share. `names` are paths of images, with components separated by "/".
 *
 * - A folder of a part without class folders is unlabeled, and left out; so is a flat test folder beside class folders.
 * - Of several levels of folders with different names, the one whose names look like those of sessions, people or dates is
 *   a level of groups; otherwise the innermost folders are the classes, if none of their names is in two folders.
 *
 * Throws `INVALID_DATA`, with the patterns to choose from, if that does not decide which folders are the classes.
 */
export function readLayout(names: readonly string[], source: string): Layout {
  const files = names.map((name, index) => ({ index, folders: name.split("/").filter(isStep).slice(0, -1) }));
  const placements: (Placement | string)[] = names.map(() => ELSEWHERE);
  const { parts, reading, level: partsAt } = partsOf(files, placements);
  // The training images come first.
  const first = parts.find((part) => usual(part.files).length > 0);
  if (!first) {
    for (const { files } of parts) for (const { index } of files) placements[index] = UNLABELED;
    return { placements, reading };
  }
  const classes = classLevel(usual(first.files), source);
  const known = new Set(usual(first.files).map(({ folders }) => folders[classes.level] ?? ""));
  const labeled: Part[] = [];
  for (const part of parts) {
    const level = part === first ? classes.level : levelOf(part, known);
    if (level < 0) {
      const why = otherFolders(part, first, known);
      for (const { index } of part.files)
        placements[index] = why === undefined ? UNLABELED : "it is in a folder that is not one of the classes";
      reading.push(leftOut(part, why));
      continue;
    }
    labeled.push(part);
    for (const { index, folders } of usual(part.files)) {
      const group = level === classes.level ? groupOf(folders, classes.groups) : undefined;
      placements[index] = { className: folders[level]!, part: part.part, group };
    }
  }
  const places = foldersOf(labeled.flatMap(({ called }) => called));
  const isWithin = partsAt !== undefined && classes.level < partsAt;
  const where =
    places === ""
      ? ""
      : first.called.length === 0
        ? `, and likewise in ${places}`
        : isWithin
          ? `, with ${places} in each`
          : ` in ${places}`;
  return { placements, reading: [`${classes.reading}${where}`, ...reading] };
}

const UNLABELED = "it is unlabeled, because it is in no class folder";
const isStep = (part: string): boolean => part !== "" && part !== ".";
const joined = (items: readonly string[]): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
const leftOut = ({ called, files }: Part, why = "has no class folders"): string =>
  `${foldersOf(called)} ${why}: its ${quantity(files.length, "image")} ${files.length === 1 ? "is" : "are"} left out`;
const foldersOf = (names: readonly string[]): string => joined(names.map((name) => `${name}/`));

/** How many folders a clause names. */
const SHOWN = 3;
const some = (names: Iterable<string>): string => {
  const all = [...names].sort();
  return all.length <= SHOWN ? joined(all) : listed(all, SHOWN);
};

/** What the folders of a part are, none of which is a class; undefined if there are not several: that may be test/test/. */
function otherFolders({ files }: Part, first: Part, known: ReadonlySet<string>): string | undefined {
  const folders = nameLevels(usual(files).map((file) => file.folders)).at(-1);
  if (!folders || folders.size < 2) return undefined;
  const where = first.called.length > 0 ? `${foldersOf(first.called)} has` : "the classes are";
  return `has ${some(folders)}, but ${where} ${some(known)}`;
}

/** The files at the most frequent depth; of two, the deeper. */
function usual(files: readonly Located[]): readonly Located[] {
  const counts = new Map<number, number>();
  for (const { folders } of files) counts.set(folders.length, (counts.get(folders.length) ?? 0) + 1);
  const [depth] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0];
  return depth === 0 ? [] : files.filter(({ folders }) => folders.length === depth);
}

/** Divides files by the folders of parts, if there are any; files in none of them are given a reason. */
function partsOf(
  files: readonly Located[],
  placements: (Placement | string)[],
): { readonly parts: readonly Part[]; readonly reading: string[]; readonly level?: number } {
  const found = partLevel(files);
  if (!found) return { parts: [{ part: undefined, called: [], files }], reading: [] };
  const { level, names, outside } = found;
  const reading: string[] = [];
  const folders = foldersOf(splitNames.flatMap((part) => [...names].filter((own) => partNamed(own) === part).sort()));
  const byPart = new Map<SplitName | undefined, { called: Set<string>; files: Located[] }>();
  const add = (part: SplitName | undefined, name: string | undefined, file: Located) => {
    const of = byPart.get(part) ?? { called: new Set<string>(), files: [] };
    byPart.set(part, of);
    of.files.push(file);
    if (name !== undefined) of.called.add(name);
  };
  let others = 0;
  for (const file of files) {
    const name = file.folders[level];
    if (name !== undefined && names.has(name))
      add(partNamed(name), name, { ...file, folders: file.folders.toSpliced(level, 1) });
    else if (outside === "training") add("training", undefined, file);
    else {
      placements[file.index] = `it is in none of the folders ${folders}`;
      others++;
    }
  }
  if (others > 0)
    reading.push(`${quantity(others, "image")} outside of ${folders} ${others === 1 ? "is" : "are"} left out`);
  const parts = splitNames.flatMap((part) => {
    const of = byPart.get(part);
    return of ? [{ part, called: [...of.called].sort(), files: of.files }] : [];
  });
  return { parts, reading, level };
}

interface PartLevel {
  /** The index of the folders of parts among the folders of a file. */
  readonly level: number;
  readonly names: ReadonlySet<string>;
  /** What files in other folders are. */
  readonly outside: "training" | "left out";
}

/**
 * The level of folders such as train and test: the first at which all folders are called so; or the first with several
 * folders, if there are folders of classes in a training folder and another part beside it, or classes beside a test
 * folder. A class may be called train, valid or test, too.
 */
function partLevel(files: readonly Located[]): PartLevel | undefined {
  let single = true;
  // Only the files that are that deep, so that one path with very many folders costs no more than its length.
  let deep = files.filter(({ folders }) => folders.length > 0);
  for (let level = 0; deep.length > 0; level++) {
    const all = new Set(deep.map(({ folders }) => folders[level]!));
    const names = new Set([...all].filter((name) => partNamed(name) !== undefined));
    if (names.size === all.size && (single || names.size > 1)) return { level, names, outside: "left out" };
    if (single && all.size > 1 && names.size > 0) {
      const found = mixedLevel(deep, level, names);
      if (found) return found;
    }
    single &&= all.size === 1;
    deep = deep.filter(({ folders }) => folders.length > level + 1);
  }
  return undefined;
}

/** The level if only some of its folders are parts. All files are in a folder at this level. */
function mixedLevel(files: readonly Located[], level: number, names: ReadonlySet<string>): PartLevel | undefined {
  const within = (wanted: (name: string) => boolean) => files.filter(({ folders }) => wanted(folders[level]!));
  const classesBelow = (some: readonly Located[]) =>
    new Set(some.flatMap(({ folders }) => folders[level + 1] ?? [])).size;
  const parts = new Set([...names].map(partNamed));
  if (parts.has("training") && parts.size > 1 && classesBelow(within((name) => partNamed(name) === "training")) > 1)
    return { level, names, outside: "left out" };
  const tests = new Set([...names].filter((name) => partNamed(name) === "test"));
  const classes = new Set(within((name) => !tests.has(name)).map(({ folders }) => folders[level]!));
  const flat = within((name) => !tests.has(name)).every(({ folders }) => folders.length === level + 1);
  if (tests.size === 0 || classes.size < 2 || !flat) return undefined;
  return { level, names: tests, outside: "training" };
}

/** The level at which a part has most of the names of known classes; −1 if it has none of them. */
function levelOf({ files }: Part, known: ReadonlySet<string>): number {
  const shares = nameLevels(usual(files).map(({ folders }) => folders)).map(
    (names) => [...names].filter((name) => known.has(name)).length,
  );
  const most = Math.max(0, ...shares);
  return most === 0 ? -1 : shares.indexOf(most);
}

interface Classes {
  readonly level: number;
  /** The levels whose names make up the name of a group. */
  readonly groups: readonly number[];
  readonly reading: string;
}

const groupOf = (folders: readonly string[], levels: readonly number[]): string | undefined =>
  levels.length === 0 ? undefined : levels.map((level) => folders[level]).join("/");

/** Which level of folders are the classes. */
function classLevel(files: readonly Located[], source: string): Classes {
  const paths = [...new Set(files.map(({ folders }) => folders.join("/")))].sort().map((path) => path.split("/"));
  const names = nameLevels(paths);
  const telling = Array.from(names.keys()).filter((level) => names[level]!.size > 1);
  if (telling.length < 2)
    return { level: telling[0] ?? names.length - 1, groups: [], reading: "a folder for each class" };
  const scores = telling.map((level) => sessionScore(names[level]!));
  const least = Math.min(...scores);
  if (scores.filter((score) => score === least).length === 1) {
    const level = telling[scores.indexOf(least)]!;
    const groups = telling.filter((other) => other !== level);
    const examples = [...names[groups[0]!]!].sort().slice(0, 2).join(", ");
    const classesOf = new Map<string, Set<string>>();
    for (const path of paths) {
      const group = groupOf(path, groups)!;
      classesOf.set(group, (classesOf.get(group) ?? new Set()).add(path[level]!));
    }
    const shared = "; those of the same name in two classes are one group";
    const isShared = [...classesOf.values()].some((classes) => classes.size > 1);
    const where = groups.every((other) => other > level) ? "with folders" : "below folders";
    return {
      level,
      groups,
      reading: `a folder for each class, ${where} (${examples}, …) that are groups, kept together${isShared ? shared : ""}`,
    };
  }
  if (innermost(paths)) {
    const [example] = paths;
    return {
      level: names.length - 1,
      groups: [],
      reading: `the innermost folders, such as ${example!.join("/")}, as classes`,
    };
  }
  throw ambiguous(paths, telling, source);
}

function ambiguous(paths: readonly (readonly string[])[], telling: readonly number[], source: string): InklingError {
  const depth = paths[0]!.length;
  const pattern = (classes: number) =>
    [
      ...Array.from({ length: depth }, (_, level) =>
        level === classes ? "{class}" : level === telling.find((other) => other !== classes) ? "{group}" : "*",
      ),
      "*",
    ].join("/");
  const [outer, inner] = [telling[0]!, telling.at(-1)!];
  const example = paths[0]!;
  return new InklingError(
    "INVALID_DATA",
    message`${source} has folders in folders, such as ${example.join("/")}, and names of the inner ones repeat, so it is not clear which are the classes; for those like ${example[outer]!} use ${optionRef("classPattern", pattern(outer))}, for those like ${example[inner]!} use ${optionRef("classPattern", pattern(inner))}`,
  );
}
