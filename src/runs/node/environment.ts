import { cpus } from "node:os";
import { VERSION } from "../../base/version.ts";
import type { StartEvent } from "../../training/index.ts";

/** What a run was trained with. */
export interface Environment {
  readonly inkling: string;
  readonly node: string;
  readonly platform: string;
  /** The processor's model. */
  readonly cpu: string;
  readonly backend: string;
  /** The compiler behind the back end, where that is not its own. */
  readonly compiler?: string;
  readonly arithmetic: StartEvent["arithmetic"];
  readonly threads: number;
}

/** This process, and what a training in it runs on. */
export const environmentOf = ({ backend, compiler, arithmetic, threads }: StartEvent): Environment => ({
  inkling: VERSION,
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cpu: cpus()[0]?.model.trim() || "unknown",
  backend,
  ...(compiler !== undefined && { compiler }),
  arithmetic,
  threads,
});
