import type { HonoRequest } from "hono";
import * as v from "valibot";
import { parseConfig } from "../base/config.ts";
import { parseJsonText } from "../base/json.ts";
import { Problem } from "./problem.ts";

/** What a server may be asked for at most. */
export interface Limits {
  /** Bytes of the body of a request. */
  readonly bodyBytes: number;
  /** Pictures of a request. */
  readonly pictures: number;
  /** Requests for predictions that are in progress at the same time. */
  readonly requests: number;
  /** Seconds in which the body of a request must arrive, and then its answer be begun. */
  readonly seconds: number;
}

/** A picture file of a request. */
export interface NamedPicture {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Types of a body that is one picture; the last is what curl sends with `--data-binary` unless told otherwise. */
const RAW = /^(image\/[\w.+-]+|application\/octet-stream|application\/x-www-form-urlencoded)$/;

const data = v.string("a picture file in base64");
const schema = v.strictObject({
  pictures: v.array(
    v.union(
      [data, v.strictObject({ name: v.exactOptional(v.string("a string")), data })],
      "base64, or an object with name and data in base64",
    ),
    "a list of pictures",
  ),
});

/** The bytes of a picture in base64, or of a data URL. Throws `INVALID_ARGUMENT` for other text. */
function decodeBase64(text: string, name: string): Uint8Array {
  const base64 = text.replace(/^data:[\w/.+-]*;base64,/, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
    throw new Problem("INVALID_ARGUMENT", `${name} is not valid base64, with padding`);
  return Buffer.from(base64, "base64");
}

/**
 * The picture files of a request: its body, the files of a multipart form, or the list `pictures` of a JSON object, as
 * base64 or as objects with `name` and `data`.
 *
 * Throws `INVALID_ARGUMENT` for a body that is damaged or has no picture, `UNSUPPORTED_MEDIA_TYPE`, and `TOO_LARGE` if
 * there are more than `most`.
 */
export async function picturesOf(request: HonoRequest, most: number): Promise<readonly NamedPicture[]> {
  const contentType = request.header("content-type") ?? "application/octet-stream";
  const type = contentType.split(";")[0]!.trim().toLowerCase();
  const coding = request.header("content-encoding") ?? "identity";
  if (coding !== "identity")
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", `Content-Encoding is ${coding}; send the body without it`);
  const pictures = await read(request, type, most);
  if (pictures.length === 0) throw new Problem("INVALID_ARGUMENT", "the request has no picture");
  if (pictures.length > most)
    throw new Problem("TOO_LARGE", `the request has ${pictures.length} pictures, more than the limit of ${most}`);
  return pictures;
}

async function read(request: HonoRequest, type: string, most: number): Promise<readonly NamedPicture[]> {
  if (RAW.test(type)) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    return bytes.length === 0 ? [] : [{ name: "picture", bytes }];
  }
  if (type === "application/json") return fromJson(await request.text());
  if (type === "multipart/form-data") return fromForm(await formOf(request, most));
  throw new Problem(
    "UNSUPPORTED_MEDIA_TYPE",
    `Content-Type is ${JSON.stringify(type)}, expected that of a picture, application/octet-stream, multipart/form-data or application/json`,
  );
}

const nameOf = (k: number): string => `picture ${k + 1}`;

function fromJson(text: string): readonly NamedPicture[] {
  let json: unknown;
  try {
    json = parseJsonText(text);
  } catch (cause) {
    throw new Problem("INVALID_ARGUMENT", `the body is not valid JSON: ${(cause as Error).message}`);
  }
  return parseConfig(schema, json, "the body").pictures.map((given, k) => {
    const { name = nameOf(k), data } = typeof given === "string" ? { data: given } : given;
    return { name, bytes: decodeBase64(data, name) };
  });
}

/** The most fields of a form beside its pictures, and the most bytes of the head of a part. */
const [MOST_FIELDS, MOST_HEAD] = [64, 2 ** 14];
const HEAD_END = "\r\n\r\n";
const BOUNDARY = /;\s*boundary=(?:"([\w'()+,\-./:=? ]{1,70})"|([\w'+\-.]{1,70})\s*(?:;|$))/i;

/** Reads a form. Its parts are counted before they are parsed, which takes long for many, and for large heads. */
async function formOf(request: HonoRequest, most: number): Promise<FormData> {
  const damaged = (why: string) => new Problem("INVALID_ARGUMENT", `the multipart form is damaged: ${why}`);
  const [, quoted, plain] = BOUNDARY.exec(request.header("content-type")!) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw damaged("its Content-Type has no valid boundary");
  const bytes = Buffer.from(await request.arrayBuffer());
  const delimiter = Buffer.from(`--${boundary}`);
  let parts = 0;
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, at + delimiter.length)) {
    if (++parts > most + MOST_FIELDS + 1) throw new Problem("TOO_LARGE", `the form has more than ${parts - 2} parts`);
    const head = at + delimiter.length;
    if (
      bytes.toString("latin1", head, head + 2) === "\r\n" &&
      !bytes.subarray(head, head + MOST_HEAD).includes(HEAD_END)
    )
      throw damaged(`the head of part ${parts} has no end`);
  }
  try {
    const headers = { "Content-Type": `multipart/form-data; boundary="${boundary}"` };
    return await new Response(bytes, { headers }).formData();
  } catch (cause) {
    throw damaged((cause as Error).message);
  }
}

/** The files of a form; fields with text are passed over. */
async function fromForm(form: FormData): Promise<readonly NamedPicture[]> {
  const files = [...form.values()].filter((value) => typeof value !== "string");
  return Promise.all(
    files.map(async (file, k) => ({ name: file.name || nameOf(k), bytes: new Uint8Array(await file.arrayBuffer()) })),
  );
}
