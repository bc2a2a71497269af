/** A color on light pages, and the one in its place on dark pages. */
export type Color = readonly [light: string, dark: string];

/** The colors of all pages and drawings, by what they are for: surfaces, lines, texts, then what colors say. */
export const palette = {
  paper: ["#faf9f6", "#14151a"],
  sheet: ["#fff", "#1b1d24"],
  wash: ["#f1efe9", "#262933"],
  line: ["#e4e1d9", "#2f323d"],
  edge: ["#8b8c94", "#7c808d"],
  ink: ["#17181c", "#eceae4"],
  soft: ["#5d5f68", "#a8abb7"],
  blue: ["#2346d8", "#8ea2ff"],
  red: ["#b92a2a", "#ff8b80"],
  green: ["#18794e", "#6bd6a1"],
  gold: ["#8f5a00", "#f0b95a"],
} as const satisfies Record<string, Color>;

/** Ten colors of lines and points that can be told apart, on light and on dark pages. */
export const series: readonly Color[] = [
  palette.blue,
  ["#c2410c", "#ff9a5c"],
  palette.green,
  ["#a21caf", "#e68bf0"],
  palette.gold,
  ["#0e7490", "#5cd0e6"],
  palette.red,
  ["#5b3fd1", "#b7a5ff"],
  ["#4d6b00", "#b4d455"],
  ["#6b6d76", "#b5b8c3"],
];

/** A color in CSS, as the page is light or dark. */
export const lightDark = ([light, dark]: Color): string => `light-dark(${light}, ${dark})`;
