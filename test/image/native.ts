import { JsColorType, Transformer } from "@napi-rs/image";
import { orientationOf } from "../../src/image/orientation.ts";
import type { CheckedPicture } from "../../src/image/picture.ts";

const channelsOf: Partial<Record<JsColorType, 1 | 2 | 3 | 4>> = {
  [JsColorType.L8]: 1,
  [JsColorType.La8]: 2,
  [JsColorType.Rgb8]: 3,
  [JsColorType.Rgba8]: 4,
  [JsColorType.L16]: 1,
  [JsColorType.La16]: 2,
  [JsColorType.Rgb16]: 3,
  [JsColorType.Rgba16]: 4,
};

/** A picture as the native decoder sees it, which read all data sets before there was a decoder of our own. */
export function decodeNatively(bytes: Uint8Array): CheckedPicture {
  const { width, height, colorType, orientation = 1 } = new Transformer(bytes).metadataSync(true);
  // It looks for an orientation in JPEG only.
  const turn = bytes[0] === 0xff ? orientation : (orientationOf(bytes) ?? 1);
  const turns = turn >= 2 && turn <= 8;
  const raw = turns ? new Transformer(bytes).rotate(turn).rawPixelsSync() : new Transformer(bytes).rawPixelsSync();
  const channels = channelsOf[colorType]!;
  const wide = raw.length === 2 * width * height * channels;
  const data = wide
    ? Uint8Array.from(new Uint16Array(Uint8Array.from(raw).buffer), (sample) => Math.round(sample / 257))
    : Uint8Array.from(raw);
  return turns && turn >= 5 ? { width: height, height: width, channels, data } : { width, height, channels, data };
}
