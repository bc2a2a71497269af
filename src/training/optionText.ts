/* Values of options as they are typed, on a command line and in a form. Imports nothing: --help loads it. */

/** One of the words kernels and all, or a list of names with commas between them. */
export const namesOf = (text: string): "kernels" | "all" | readonly string[] =>
  text === "kernels" || text === "all" ? text : text.split(",").map((name) => name.trim());

/** balanced, or A=2,B=0.5; undefined for other texts. */
export function classWeightsOf(text: string): "balanced" | Readonly<Record<string, number>> | undefined {
  if (text === "balanced") return text;
  const pairs = text.split(",").map((pair) => /^(.+)=([\d.e+-]+)$/.exec(pair.trim()));
  return pairs.every((pair) => pair && Number.isFinite(Number(pair[2])))
    ? Object.fromEntries(pairs.map((pair) => [pair![1]!, Number(pair![2])]))
    : undefined;
}

/** A value of a parameter: a number, true, false, or else a text. */
export function parameterValue(text: string): number | string | boolean {
  if (text === "true" || text === "false") return text === "true";
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : text;
}

/** NAME=VALUE; undefined for other texts. */
export function parameterOf(text: string): readonly [name: string, value: number | string | boolean] | undefined {
  const [, name, value] = /^([\w-]+)=(.+)$/.exec(text.trim()) ?? [];
  return name === undefined || value === undefined ? undefined : [name, parameterValue(value)];
}
