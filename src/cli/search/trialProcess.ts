/* The process that trains trials of `inkling search`; it is started by that command alone. */
import { serveTasks } from "../../search/node/processes.ts";
import { loadExtension } from "../importModule.ts";
import { silentTerminal } from "../terminal.ts";
import { openTrialData, type TrialSetup } from "./openTrialData.ts";

serveTasks<TrialSetup>(async ({ source, modules }) => {
  for (const module of modules) await loadExtension(module);
  return openTrialData(source, silentTerminal);
});
