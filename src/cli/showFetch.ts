import { bar, duration, fileSize } from "../base/format.ts";
import type { FetchEvent } from "../node.ts";
import type { Terminal } from "./terminal.ts";

/** Prints what a fetch does: name, size, source, destination, redirects, failures, and a progress line. */
export const showFetch =
  (terminal: Terminal) =>
  (event: FetchEvent): void => {
    switch (event.type) {
      case "start": {
        const large = event.totalBytes === undefined ? "" : ` (${fileSize(event.totalBytes)})`;
        terminal.note(`Fetching ${event.name}${large} from ${event.url}\n  to ${event.to}`);
        break;
      }
      case "progress": {
        const { bytes, totalBytes, bytesPerSecond, secondsLeft } = event;
        const share = totalBytes ? `${bar(bytes / totalBytes)}  ` : "";
        const left = secondsLeft === undefined ? "" : `  ${duration(secondsLeft)} left`;
        terminal.progress(
          `${event.name}  ${share}${fileSize(bytes)}${totalBytes ? ` of ${fileSize(totalBytes)}` : ""}  ${fileSize(bytesPerSecond)}/s${left}`,
        );
        break;
      }
      case "stale":
        terminal.note(`${event.path} does not match what was fetched: ${event.reason}; fetching it again`);
        break;
      case "redirect":
        terminal.note(`  redirected to ${event.to}`);
        break;
      case "retry":
        terminal.note(`  ${event.reason}; retrying in ${duration(event.seconds)}`);
        break;
      case "failed":
        terminal.note(`  failed: ${event.reason}`);
        break;
      case "done":
        terminal.note(`  ${fileSize(event.bytes)}, SHA-256 ${event.sha256}`);
        break;
    }
  };
