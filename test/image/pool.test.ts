import { expect, it } from "vitest";
import { DecodePool, type DecodeThreads } from "../../src/image/pool.ts";
import { grayPng } from "../sources/files.ts";

it("decodes alone where no thread can be started", async () => {
  let tried = 0;
  const threads: DecodeThreads = {
    count: 3,
    start() {
      tried++;
      throw new DOMException("a script of another site", "SecurityError");
    },
  };
  const pool = await DecodePool.open({}, threads);
  const batches = Array.from({ length: 70 }, (_, gray) => pool.decode([grayPng(gray)]));
  const images = (await Promise.all(batches)).flat();
  expect(images.map((image) => (typeof image === "string" ? image : image.pixels[0]))).toEqual(
    Array.from({ length: 70 }, (_, gray) => gray),
  );
  expect(tried).toBe(2);
  pool.close();
});
