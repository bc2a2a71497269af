import { concatBytes } from "../../base/bytes.ts";
import type { Dataset } from "../../datasets/index.ts";
import type { Contents, Storage } from "./storage.ts";

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

/** The bytes of what a file is to hold. */
export async function bytesOf(contents: Contents): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof contents === "string") return new TextEncoder().encode(contents);
  if (contents instanceof Uint8Array) return contents;
  if (contents instanceof Blob) return new Uint8Array(await contents.arrayBuffer());
  const pieces: Uint8Array[] = [];
  for await (const piece of contents) pieces.push(piece);
  return concatBytes(pieces);
}
