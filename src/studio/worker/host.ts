import type { Dataset } from "../../datasets/index.ts";
import type { Storage } from "./storage.ts";

/** What a session needs of where it runs: a worker of a page, or a process of this machine. */
export interface Host {
  /** The name of the back end that trains. */
  readonly backend: string;
  /** Opens what keeps data, settings and the state of a training for the next visit. */
  openStorage(): Promise<KeptFiles>;
  /** The built-in letters. */
  letters(): Promise<Dataset>;
}

/** Files that outlive a session. */
export type KeptFiles = Pick<Storage, keyof Storage>;
