import type { Picture } from "../../image/picture.ts";

/** A picture from its file; the decoder is loaded when it is needed first. Throws as {@link decodePicture} does. */
export async function decodedPicture(file: Blob): Promise<Picture> {
  const [{ decodePicture }, { loadDecoder }] = await Promise.all([
    import("../../image/decode.ts"),
    import("../../image/decoder.ts"),
  ]);
  return decodePicture(await loadDecoder(), new Uint8Array(await file.arrayBuffer()));
}
