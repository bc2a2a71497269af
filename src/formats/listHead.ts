import { isPictureName, type Role, roleOf, someOf } from "./columns.ts";
import { sniffCsv, startText } from "./csv.ts";

/* How lists of files are recognized by their first bytes. */

/** Whether bytes are the start of a table that names picture files: in its header, or in its first rows. */
export function isCsvFileList(head: Uint8Array): boolean {
  const [first = [], second = []] = sniffCsv(head)?.rows ?? [];
  const has = (role: Role) => first.some((cell) => roleOf(cell) === role);
  return (has("file") && has("label")) || first.some(isPictureName) || second.some(isPictureName);
}

/**
 * Whether bytes are the start of JSON Lines with file and label. Where they end within the first object, its other fields
 * are not known, so that one of the two is enough, or the name of the file.
 */
export function isJsonFileList(head: Uint8Array, name: string): boolean {
  const { keys, isWhole } = jsonStart(head);
  const roles = keys.map(roleOf);
  const [hasFile, hasLabel] = [roles.includes("file"), roles.includes("label")];
  if (isWhole) return hasFile && hasLabel;
  return keys.length > 0 && (hasFile || hasLabel || /\.(jsonl|ndjson)$/i.test(name));
}

/** The fields of the object at the start of a file, without those of objects in it; none if it is not an object. */
export const jsonKeys = (head: Uint8Array): readonly string[] => jsonStart(head).keys;

/** The fields, and whether the object ends in these bytes. */
function jsonStart(head: Uint8Array): { readonly keys: readonly string[]; readonly isWhole: boolean } {
  const text = startText(head)?.trimStart() ?? "";
  if (!text.startsWith("{")) return { keys: [], isWhole: false };
  const keys: string[] = [];
  let depth = 0;
  for (const [token, key] of text.matchAll(/"((?:[^"\\]|\\.)*)"(?=\s*:)|"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (key !== undefined && depth === 1) keys.push(key);
    else if (token === "{" || token === "[") depth++;
    else if ((token === "}" || token === "]") && --depth === 0) return { keys, isWhole: true };
  }
  return { keys, isWhole: false };
}

/** What a file of JSON is that is not a list; undefined if it does not begin like JSON. */
export function explainJson(head: Uint8Array): string | undefined {
  const keys = jsonKeys(head);
  const expected = 'expected one object a line, with the fields "file" and "label"';
  if (keys.length > 0 && keys.every((key) => COCO.includes(key)))
    return `has annotations of COCO for object detection, which are not supported; ${expected}`;
  if (keys.length > 0) return `is JSON whose first object has the fields ${someOf(keys)}; ${expected}`;
  return /^\s*\[\s*[[{]/.test(startText(head) ?? "")
    ? `is one JSON array; ${expected}, which pandas writes with to_json(…, orient="records", lines=True)`
    : undefined;
}

/** The fields of annotations of COCO. */
const COCO: readonly string[] = ["info", "licenses", "images", "annotations", "categories", "type"];
