import {
  type Audit,
  type ProposeOptions,
  proposedFix,
  type Suspect,
  type SuspectKind,
  suspectKinds,
} from "../../audit/index.ts";
import { percent, whole } from "../../base/format.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import type { Dataset } from "../../datasets/index.ts";
import { imageAt } from "../../image/image.ts";
import { Bar } from "../components/bar.tsx";
import { Figures, More } from "../components/facts.tsx";
import { Picture } from "../components/picture.tsx";
import { auditReservation, describeModels, kindNames, nameOf, ofKind, probabilityOf } from "../describeAudit.ts";
import { type AuditPageScriptData, auditPageScript } from "./auditPageScript.ts";
import { type Part, renderPage } from "./page.tsx";

/** The maximum number of suspects of each kind on a page; many more make browsers slow. */
const SHOWN = 1000;
/** The number of classes whose probabilities are shown in addition to those of the label and the suggestion. */
const OTHERS = 2;

/** An audit of a data set, and the fixes proposed for its suspects. */
export interface AuditPageData {
  readonly dataset: Dataset;
  readonly audit: Audit;
  readonly propose?: ProposeOptions;
}

/**
 * A page with pictures of the suspects, where an action for each can be chosen, starting from the proposals, and saved
 * as a fixes file.
 */
export function auditPage(data: AuditPageData): string {
  const { source, imageShape, classNames } = data.audit;
  const scriptData: AuditPageScriptData = {
    head: { formatVersion: FORMAT_VERSION, kind: "fixes", source, imageShape },
    unseen: suspectKinds
      .flatMap((kind) => ofKind(data.audit, kind).slice(SHOWN))
      .flatMap((suspect) => proposedFix(suspect, data.propose) ?? []),
    classNames,
  };
  const title = `Audit of ${source}`;
  const first = overview(data.audit);
  if (data.audit.suspects.length === 0) return renderPage({ title, parts: [first] });
  return renderPage({
    title,
    actions: (
      <>
        <output id="chosen" class="soft" />
        <button type="button" id="save" class="main">
          Save the fixes
        </button>
      </>
    ),
    parts: [first, ...suspectKinds.flatMap((kind) => suspectsOf(data, kind) ?? [])],
    script: auditPageScript,
    data: scriptData,
  });
}

function overview(audit: Audit): Part {
  const { source, images, classNames, accuracy, noise, steps, recipe, suspects } = audit;
  const reservation = auditReservation(audit);
  return {
    id: "overview",
    title: "Overview",
    content: (
      <>
        <Figures
          items={[
            { name: "Images", value: whole(images) },
            { name: "Labels that agree with the models", value: `${percent(accuracy)} %` },
            { name: "Wrong labels (estimated)", value: `${percent(noise)} %` },
            { name: "Suspects", value: whole(suspects.length) },
          ]}
        />
        {reservation && <p class="warn prose">{reservation}.</p>}
        <p class="prose">
          {source}: {whole(images)} images of {whole(classNames.length)} classes, {describeModels(audit)} (recipe{" "}
          {recipe}, {whole(steps)} steps).
        </p>
        {suspects.length === 0 ? (
          <p class="prose">No label is suspected, so there is nothing to review.</p>
        ) : (
          <p class="prose">
            Choose what to do with each suspect, save the fixes, and use them with <code>--fixes fixes.json</code>. From
            the keyboard: Tab moves to the next image; K keeps the label, D drops the image, R relabels it, and N leaves
            it as it is.
          </p>
        )}
      </>
    ),
  };
}

function suspectsOf({ dataset, audit, propose }: AuditPageData, kind: SuspectKind): Part | undefined {
  const all = ofKind(audit, kind);
  if (all.length === 0) return undefined;
  return {
    id: kind,
    title: kindNames[kind],
    note: whole(all.length),
    content: (
      <>
        <div class="cards">
          {all.slice(0, SHOWN).map((suspect) => (
            <Card dataset={dataset} audit={audit} suspect={suspect} propose={propose} />
          ))}
        </div>
        <More count={all.length - SHOWN}>
          … and {whole(all.length - SHOWN)} more, of less weight; what is proposed for them is saved too.
        </More>
      </>
    ),
  };
}

interface CardProps {
  readonly dataset: Dataset;
  readonly audit: Audit;
  readonly suspect: Suspect;
  readonly propose: ProposeOptions | undefined;
}

function Card({ dataset, audit, suspect, propose }: CardProps) {
  const { row, label, suggested, sha256, name } = suspect;
  const others = audit.classNames
    .filter((className) => className !== label && className !== suggested)
    .sort((a, b) => probabilityOf(audit, suspect, b) - probabilityOf(audit, suspect, a))
    .slice(0, OTHERS);
  const probable = [...new Set([label, suggested]), ...others];
  const file = nameOf(suspect);
  return (
    <article class="card suspect" data-sha256={sha256} data-label={label} data-name={name} aria-label={file}>
      <Picture image={imageAt(dataset, row)} alt={`labeled ${label}, predicted ${suggested}`} />
      <dl class="odds">
        {probable.map((className) => {
          const share = probabilityOf(audit, suspect, className);
          const kind = className === label ? "label" : className === suggested ? "suggested" : "";
          return (
            <>
              <dt class={kind} title={className}>
                {className}
              </dt>
              <dd>
                <Bar class={kind} pieces={[{ share }]} />
                <span class="number">{percent(share)} %</span>
              </dd>
            </>
          );
        })}
      </dl>
      <div class="file small soft">
        labeled <b class="warn">{label}</b>
        {suggested !== label && (
          <>
            , taken for <b class="taken">{suggested}</b>
          </>
        )}
        <br />
        {file}
      </div>
      <Choices suspect={suspect} relabel={probable.filter((className) => className !== label)} propose={propose} />
    </article>
  );
}

interface ChoicesProps {
  readonly suspect: Suspect;
  /** The classes offered at first; the script adds the others on demand. */
  readonly relabel: readonly string[];
  readonly propose: ProposeOptions | undefined;
}

/** The actions for an image, with the proposed one selected. */
function Choices({ suspect, relabel, propose }: ChoicesProps) {
  const proposed = proposedFix(suspect, propose);
  return (
    <select aria-label={`What to do with ${nameOf(suspect)}`}>
      <option value="">No fix</option>
      <option value="keep" selected={proposed?.action === "keep"}>
        Keep {suspect.label}
      </option>
      <option value="drop" selected={proposed?.action === "drop"}>
        Drop the image
      </option>
      {relabel.map((className) => (
        <option
          value="relabel"
          data-to={className}
          selected={proposed?.action === "relabel" && proposed.to === className}
        >
          Relabel to {className}
        </option>
      ))}
    </select>
  );
}
