import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildStudio } from "../studio/build.mjs";
import { liveModule, runtimeModule, writeStandalone } from "./bundle.mjs";
import { writePackage } from "./package.mjs";

/* Writes what is bundled into a folder that the compiler has written to: dist, unless another one is named. */

const [, , dist = fileURLToPath(new URL("../../dist", import.meta.url))] = process.argv;
writeFileSync(join(dist, "export/package/runtimeSource.js"), await runtimeModule());
writeFileSync(join(dist, "report/pages/liveSource.js"), await liveModule());
await writePackage(dist);
await writeStandalone(dist);
await buildStudio(join(dist, "studio/page"), { letters: false });
