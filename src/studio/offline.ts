import type { Update } from "./updates.ts";

/**
 * Keeps this page for use without a network, from its next visit on, and isolates it then. Reports when it can be, and when there is a new
 * version; the page and its other tabs keep theirs until {@link useNewVersion}, so that two builds never mix.
 */
export async function keepOffline(report: (update: Update) => void): Promise<void> {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined; // absent where the host has no HTTPS
  if (!container) return;
  const hadOne = container.controller !== null;
  container.addEventListener("controllerchange", () => hadOne && location.reload());
  try {
    const registration = await container.register("serviceWorker.js", { updateViaCache: "none" });
    const tell = () => registration.waiting && container.controller && report({ type: "newVersion" });
    tell();
    void container.ready.then(() => {
      if (!crossOriginIsolated && navigator.hardwareConcurrency > 1) report({ type: "canIsolate" });
    });
    registration.addEventListener("updatefound", () =>
      registration.installing?.addEventListener("statechange", () => tell()),
    );
  } catch {
    // The browser does not allow it here, or the host has no such file: the page works as it is.
  }
}

/** Uses the new version in all tabs of this page, which are loaded again. */
export async function useNewVersion(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  registration?.waiting?.postMessage("update");
}
