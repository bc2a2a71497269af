import type { ImageNote } from "../../browsing.ts";
import { state } from "../../state.ts";
import { texts } from "../../texts.ts";

/** The name of a class, by its number in edits. */
export const nameOfClass = (label: number): string =>
  state.data.value?.classes.find((one) => one.label === label)?.name ?? texts.browse.goneClass;

/** What is known about an image, in words. */
export function describeNote({ label, given, split, decision, isSuspect, name }: ImageNote): string {
  const words = [
    label < 0 ? texts.browse.leftOut(nameOfClass(given)) : nameOfClass(label),
    ...(split ? [texts.browse.splits[split]] : []),
    ...(decision ? [texts.browse.decided[decision.action]] : []),
    ...(isSuspect && !decision ? [texts.browse.suspected] : []),
    ...(name === undefined ? [] : [name]),
  ];
  return words.join(", ");
}
