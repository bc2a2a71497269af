/** Registers what Node does better, before anything else runs. */
import "./engine/node/setUp.ts";
import { nodePlatform } from "./sources/node/platform.ts";
import { providePlatform } from "./sources/platform.ts";

providePlatform(nodePlatform);
