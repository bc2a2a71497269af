import { connect } from "./connect.ts";
import { receive } from "./receive.ts";
import { state } from "./state.ts";
import type { TakenFile } from "./workbench.ts";

/** The workbench of this page. */
export const workbench = connect(receive);

/** Does something, and shows what went wrong. */
export async function attempt<T>(work: Promise<T>, busy?: string): Promise<T | undefined> {
  state.busy.value = busy;
  state.problem.value = undefined;
  state.isStorageFull.value = false;
  try {
    return await work;
  } catch (error) {
    state.problem.value = (error as Error).message;
    return undefined;
  } finally {
    state.busy.value = undefined;
  }
}

/** Asks the browser not to delete what is stored when space is short. Some ask the user, so only when there is something to keep. */
export async function keepForGood(): Promise<void> {
  if (state.isPersistent.value) return;
  state.isPersistent.value = await navigator.storage?.persist?.().catch(() => false);
}

/** Asks for a file, and hands it to the user. */
export async function take(file: Promise<TakenFile>, busy: string): Promise<void> {
  const taken = await attempt(file, busy);
  if (!taken) return;
  state.taken.value = taken;
  const address = URL.createObjectURL(new Blob([taken.bytes]));
  Object.assign(document.createElement("a"), { href: address, download: taken.name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
