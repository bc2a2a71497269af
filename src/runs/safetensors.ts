import { checkBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { parseJsonText } from "../base/json.ts";
import { quotation, quoted } from "../base/printable.ts";
import { type Shape, sizeOf } from "../base/shape.ts";

/**
 * The safetensors format: a JSON header with the names, types, shapes and offsets of tensors, followed by their bytes.
 * Nothing in it is executed. Source: https://github.com/huggingface/safetensors#format
 */
export interface NamedTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const MAX_HEADER = 100 * 2 ** 20;
const types = { F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
type TypeName = keyof typeof types;
const typeName = (data: NamedTensor["data"]): TypeName =>
  data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";

/** Encodes a safetensors file. The same tensors and metadata give the same bytes. */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, shape, data }) => {
    const start = end;
    end += data.byteLength;
    return [name, { dtype: typeName(data), shape, data_offsets: [start, end] }] as const;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const text = new TextEncoder().encode(json);
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

const damaged = (what: string): InklingError =>
  new InklingError("INVALID_DATA", `weights file: ${what}; it is damaged or not a safetensors file`);

/** Copies of the tensors of a safetensors file, and its metadata. Throws `INVALID_DATA` if it is damaged. */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  checkBytes(bytes, "weights file");
  if (bytes.length < 8) throw damaged(`has ${bytes.length} bytes, expected a header`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.length) throw damaged(`its header claims to have ${length} bytes`);
  const header = parseHeader(bytes.subarray(8, 8 + length));
  // A plain Uint8Array, because slicing a Node Buffer does not copy.
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + 8 + length, bytes.length - 8 - length);
  const spans = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => spanOf(name, entry, data.length));
  checkSpans(spans, data.length);
  const tensors = spans.map(({ name, shape, type, start, end }): [string, NamedTensor] => [
    name,
    { name, shape, data: new type(data.slice(start, end).buffer) },
  ]);
  const metadata = Object.entries((header["__metadata__"] ?? {}) as object).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string",
  );
  return { tensors: new Map(tensors), metadata: Object.fromEntries(metadata) };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = parseJsonText(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged("its header is not valid JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    throw damaged("its header is not a JSON object");
  return header as Record<string, unknown>;
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;

/** Where the bytes of a tensor are. */
interface Span {
  readonly name: string;
  readonly shape: Shape;
  readonly type: (typeof types)[TypeName];
  readonly start: number;
  readonly end: number;
}

function spanOf(name: string, entry: unknown, length: number): Span {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const type = Object.hasOwn(types, String(dtype)) ? types[dtype as TypeName] : undefined;
  if (!type)
    throw damaged(`${quotation(name)} has type ${quotation(String(dtype))}, expected ${Object.keys(types).join(", ")}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw damaged(`${quotation(name)} has no shape`);
  const [start, end] = Array.isArray(offsets) ? offsets : [];
  if (!isCount(start) || !isCount(end) || end > length || end - start !== sizeOf(shape) * type.BYTES_PER_ELEMENT)
    throw damaged(`${quotation(name)} spans bytes ${quoted(start)} to ${quoted(end)} of ${length}`);
  return { name, shape, type, start, end };
}

/** Throws unless each byte belongs to one tensor: a small file could otherwise name the same bytes many times. */
function checkSpans(spans: readonly Span[], length: number): void {
  let end = 0;
  for (const span of spans.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (span.start !== end)
      throw damaged(`${quotation(span.name)} begins at byte ${span.start}, but the tensors before it end at ${end}`);
    end = span.end;
  }
  if (end !== length) throw damaged(`${length - end} bytes belong to no tensor`);
}
