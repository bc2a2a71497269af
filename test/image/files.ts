import { readdirSync, readFileSync } from "node:fs";

/** Files of a folder beside this one, by name. */
function filesOf(folder: string): readonly (readonly [name: string, bytes: Buffer])[] {
  const url = new URL(folder, import.meta.url);
  const names = readdirSync(url).filter((name) => /\.(png|jpg|webp)$/.test(name));
  return names.map((name) => [name, readFileSync(new URL(name, url))]);
}

/** Pictures of all kinds: those that `make.py` makes, and those that models are tried on. */
export const pictureFiles = [...filesOf("files/"), ...filesOf("../pictures/pictures/")];
