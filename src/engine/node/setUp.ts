/** Sets up the engine for Node. It must be imported before anything else. */
import { preferBackend, registerBackend } from "../../backends/index.ts";
import { nativeOrWasm } from "../../backends/native/node/nativeOrWasm.ts";
import { debugFromEnvironment } from "../../backends/node/debug.ts";
import { enableRelaxedSimd } from "../../backends/node/enableRelaxedSimd.ts";
import { useMachineMemory } from "../../base/node/memory.ts";
import { nodeSha256 } from "../../base/node/sha256.ts";
import { provideSha256 } from "../../base/sha256.ts";
import { useWorkerThreads } from "./useWorkerThreads.ts";

// Node 20 has fused multiply-adds only behind a flag.
enableRelaxedSimd();
useMachineMemory();
useWorkerThreads();
provideSha256(nodeSha256);
registerBackend("native", nativeOrWasm);
preferBackend(process.env["INKLING_BACKEND"] || "native");
debugFromEnvironment();
