import { jpegFrame } from "./claimedSize.ts";

const pngColours: Readonly<Record<number, string>> = {
  0: "grey",
  2: "RGB",
  3: "palette",
  4: "grey and alpha",
  6: "RGB and alpha",
};

/** What kind of file a PNG, JPEG or WebP image is, by its header: format, colours and bits, such as `PNG grey 8 bits`. */
export function imageKind(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] === 0x89) return `PNG ${pngColours[bytes[25] ?? -1] ?? "of unknown colours"} ${bytes[24]} bits`;
  if (bytes[0] !== 0xff) return "WebP";
  const frame = jpegFrame(view);
  const components = frame === undefined || frame + 9 >= bytes.length ? 0 : bytes[frame + 9]!;
  return `JPEG ${components === 1 ? "grey" : components === 4 ? "CMYK" : "colour"}`;
}
