/** What engines need of Node, set up before anything is compiled. */
import { enableRelaxedSimd } from "./backends/node/enableRelaxedSimd.ts";
import { useWorkerThreads } from "./engine/node/useWorkerThreads.ts";

// Node 20 has a fused multiply-add only by a flag.
enableRelaxedSimd();
useWorkerThreads();
