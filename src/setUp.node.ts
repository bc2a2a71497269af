/** What the library does better with Node, set up before anything else. */
import "./engine/node/setUp.ts";
import { nodePlatform } from "./sources/node/platform.ts";
import { providePlatform } from "./sources/platform.ts";

providePlatform(nodePlatform);
