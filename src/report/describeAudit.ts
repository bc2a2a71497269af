import { type Audit, type Suspect, type SuspectKind, suspectKinds } from "../audit/index.ts";
import { percent, whole } from "../base/format.ts";

/** Plural names of the kinds of suspects. */
export const kindNames: Readonly<Record<SuspectKind, string>> = {
  labelError: "likely label errors",
  unreadable: "unreadable images",
  ambiguous: "ambiguous images",
};

export const ofKind = ({ suspects }: Audit, kind: SuspectKind): readonly Suspect[] =>
  suspects.filter((suspect) => suspect.kind === kind);

/** An image's file, or its row in a data set without file names. */
export const nameOf = ({ name, row }: Suspect): string => name ?? `row ${row}`;

/** The probability of a class for a suspect. */
export const probabilityOf = (audit: Audit, { probabilities }: Suspect, className: string): number =>
  probabilities[audit.classNames.indexOf(className)]!;

/** How the models were trained. */
export const describeModels = ({ folds }: Audit): string =>
  `each scored by one of ${folds} models that was not trained on it`;

/** Below this accuracy, models have learned too little, however bad the labels are. */
const LEARNED = 0.5;

/** Why little is known from an audit, if so. */
export const auditReservation = ({ accuracy }: Audit): string | undefined =>
  accuracy < LEARNED
    ? "The models agree with few labels, so they have learned little, and their suspicions mean little: train them longer with --epochs"
    : undefined;

/** An audit as lines of text, with up to `top` suspects of each kind. */
export function describeAudit(audit: Audit, top: number): readonly string[] {
  const { images, classNames, accuracy, noise, kept } = audit;
  return [
    `images         ${whole(images)} of ${classNames.length} classes, ${describeModels(audit)}`,
    `agreement      ${percent(accuracy)} % of the labels agree with the models`,
    `wrong labels   ${percent(noise)} % (estimated)`,
    ...suspectKinds.flatMap((kind) => describeKind(audit, kind, top)),
    ...(kept > 0 ? [`${whole(kept)} more are kept by label corrections`] : []),
  ];
}

function describeKind(audit: Audit, kind: SuspectKind, top: number): readonly string[] {
  const all = ofKind(audit, kind);
  const width = Math.max(...audit.classNames.map((name) => name.length), "given".length);
  const shown = all.slice(0, top).map((suspect) => {
    const { label, suggested } = suspect;
    const [given, taken] = [label, suggested].map((name) => probabilityOf(audit, suspect, name).toFixed(2));
    return `  ${label.padEnd(width)} ${given}   ${suggested.padEnd(width)} ${taken}   ${nameOf(suspect)}`;
  });
  const head = `  ${"given".padEnd(width + 5)}   ${"predicted".padEnd(width + 5)}   image`;
  const more = all.length > shown.length ? [`  … and ${whole(all.length - shown.length)} more`] : [];
  return ["", `${kindNames[kind]}: ${whole(all.length)}`, ...(shown.length > 0 ? [head, ...shown, ...more] : [])];
}
