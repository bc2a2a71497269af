import { texts } from "../texts.ts";

/** The path of a setting in words: labelSmoothing as label smoothing, split.validation as validation size. */
export const settingName = (path: string): string =>
  texts.settingNames[path as keyof typeof texts.settingNames] ??
  path
    .replaceAll(/([A-Z])/g, " $1")
    .replace(".", ": ")
    .toLowerCase();
