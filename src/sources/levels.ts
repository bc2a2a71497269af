/** The names of folders at each level, for paths of the same depth. */
export const nameLevels = (paths: readonly (readonly string[])[]): readonly ReadonlySet<string>[] =>
  Array.from({ length: paths[0]?.length ?? 0 }, (_, level) => new Set(paths.map((folders) => folders[level]!)));

/** Whether no innermost folder of one name is in two different folders. */
export function innermost(paths: readonly (readonly string[])[]): boolean {
  const parents = new Map<string, string>();
  return paths.every((folders) => {
    const [name, parent] = [folders.at(-1)!, folders.slice(0, -1).join("/")];
    const known = parents.get(name);
    parents.set(name, parent);
    return known === undefined || known === parent;
  });
}

const words =
  "session|sess|subject|subj|sub|user|person|patient|participant|writer|speaker|author|scene|sequence|seq|run|trial|take|day|date|batch|camera|cam|video|clip|shoot|visit|group|series|part|fold|recording|rec|site";
const session = new RegExp(`^(${words})[-_ ]?\\w*\\d+$`, "i");
const numberOrDate = /^\d+([-_.]\d+)*$/;

/**
 * How much names look like those of sessions, people or days rather than of classes: 2 for session1 or patient_07, 1 for
 * numbers and dates, otherwise 0.
 */
export function sessionScore(names: ReadonlySet<string>): number {
  const all = [...names];
  if (all.every((name) => session.test(name))) return 2;
  return all.every((name) => numberOrDate.test(name)) ? 1 : 0;
}
