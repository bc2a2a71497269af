import * as v from "valibot";
import { parseConfig } from "../base/config.ts";
import { FORMAT_VERSION, parseVersioned } from "../base/formatVersion.ts";
import type { Audit } from "./audit.ts";
import { suspectKinds } from "./suspects.ts";

const text = v.string("a text");
const number = v.number("a number");
const numbers = v.array(number, "a list of numbers");
const auditSchema = v.object({
  kind: v.literal("audit", '"audit"'),
  source: text,
  fingerprint: text,
  images: number,
  imageShape: v.strictTuple([number, number, number], "[height, width, channels]"),
  classNames: v.array(text, "a list of class names"),
  recipe: text,
  folds: number,
  steps: number,
  seed: number,
  backend: text,
  arithmetic: v.picklist(["fma", "mul-add"], "fma or mul-add"),
  accuracy: number,
  noise: number,
  thresholds: v.array(v.nullable(number), "a list of numbers"),
  joint: v.array(numbers, "a list of lists of numbers"),
  kept: number,
  suspects: v.array(
    v.object({
      kind: v.picklist(suspectKinds, suspectKinds.join(", ")),
      row: number,
      name: v.exactOptional(text),
      sha256: text,
      label: text,
      suggested: text,
      margin: number,
      probabilities: numbers,
    }),
    "a list of suspects",
  ),
});

/** An audit in the form saved as JSON: without the probabilities of images that are not suspects. */
export const auditRecord = (audit: Audit): Audit & { readonly formatVersion: number; readonly kind: "audit" } => {
  const { probabilities: _, ...rest } = audit as Audit & { readonly probabilities?: unknown };
  return { formatVersion: FORMAT_VERSION, kind: "audit", ...rest };
};

/**
 * An audit from a file's JSON. Throws `UNKNOWN_FORMAT` for an unsupported version, `INVALID_DATA` if it is not an
 * audit.
 */
export function parseAudit(json: string, what = "audit"): Audit {
  const value = parseVersioned(json, what, "create an audit with: inkling data audit");
  const { kind: _, ...audit } = parseConfig(auditSchema, value, what, "INVALID_DATA");
  return audit;
}
