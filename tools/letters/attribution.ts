import { faceName } from "./faces.ts";
import type { UsedFamily } from "./letters.ts";

const cell = (text: string): string => text.replace(/\s+/g, " ").replaceAll("|", "\\|").trim();

/** What a package says of its makers, which it may say again for each file of the family, once. */
const makers = (attribution: string): string => [...new Set(attribution.split(/\s+\S+\.[ot]tf:\s+/i))].join("; ");

const introduction = (count: number): string => `# Whose letters these are

The images in \`letters.inkling\` are drawn from ${count} openly licensed font families. The fonts themselves are not
part of Inkling: \`npm --prefix tools/letters run build\` fetches the packages named here, in exactly these versions,
checks their licences, and draws the images again. Each package holds its licence's full text.

- **OFL-1.1**, the SIL Open Font License 1.1. It asks that fonts, and fonts made from them, keep it. "The
  requirement for fonts to remain under this license does not apply to any document created using the fonts or their
  derivatives": the images are such documents, no fonts. Many names below are Reserved Font Names. They say here where
  images come from; who changes a font may not publish it under its reserved name.
- **Apache-2.0**, the Apache License 2.0.
- **UFL-1.0**, the Ubuntu Font Licence 1.0, which says the same of documents as the OFL.

Group: the number of the family in the data set. Faces: weights, i for italic. Made by: what the package says.

| Group | Family | Package | Version | Licence | Faces | Images | Made by |
| ---: | --- | --- | --- | --- | --- | ---: | --- |
`;

/** The page that names every family, in Markdown; its rows are in the order of groups. */
export function attributionPage(families: readonly UsedFamily[]): string {
  const rows = families.map(({ id, name, version, licence, used, images, attribution }, group) =>
    [group, name, `@fontsource/${id}`, version, licence, used.map(faceName).join(" "), images, makers(attribution)]
      .map((value) => cell(String(value)))
      .join(" | "),
  );
  return `${introduction(families.length)}${rows.map((row) => `| ${row} |\n`).join("")}`;
}
