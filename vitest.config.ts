import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    env: { INKLING_BACKEND: "wasm" }, // most tests are not about native code, which takes seconds to compile
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
