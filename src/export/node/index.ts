export { createRunFolder, openRun, type RunConfig, type SavedRun, saveRun } from "./runFolder.ts";
