/** A font of a family: its weight (100 … 900) and whether it is slanted. */
export interface Face {
  readonly weight: number;
  readonly style: "normal" | "italic";
}

/** The most faces of a family that are used. */
export const MAX_FACES = 6;

export const faceName = ({ weight, style }: Face): string => `${weight}${style === "italic" ? "i" : ""}`;
export const faceFile = (id: string, { weight, style }: Face): string => `${id}-latin-${weight}-${style}.woff`;

/** The Latin faces among a package's font files, by weight, upright before italic. */
export function facesOf(id: string, files: readonly string[]): Face[] {
  const faces: Face[] = [];
  for (let weight = 100; weight <= 900; weight += 100)
    for (const style of ["normal", "italic"] as const)
      if (files.includes(faceFile(id, { weight, style }))) faces.push({ weight, style });
  return faces;
}

/** How bold a face looks: weights below 400 differ less, by a fifth, which keeps as much ink as notMNIST has. */
const boldness = ({ weight }: Face): number => (weight < 400 ? 400 - ((400 - weight) * 4) / 5 : weight);

/** How different two faces look: italic counts as much as three steps of weight. */
const distance = (a: Face, b: Face): number => Math.abs(boldness(a) - boldness(b)) + (a.style === b.style ? 0 : 300);

/**
 * Up to `most` faces that differ as much as can be: the one closest to upright 400, then again and again the one
 * farthest from all chosen (the first of equals). In the order of the family.
 */
export function spread(faces: readonly Face[], most: number = MAX_FACES): Face[] {
  const regular: Face = { weight: 400, style: "normal" };
  const chosen: Face[] = [];
  while (chosen.length < Math.min(most, faces.length)) {
    const score = (face: Face) =>
      chosen.length === 0 ? -distance(face, regular) : Math.min(...chosen.map((other) => distance(face, other)));
    const left = faces.filter((face) => !chosen.includes(face));
    chosen.push(left.reduce((best, face) => (score(face) > score(best) ? face : best)));
  }
  return faces.filter((face) => chosen.includes(face));
}
