import { fingerprint, openDataset, openStreamed } from "inkling";

/** Opens a source, in a page or in a worker of one, and says what it holds. */
export async function openSource({ source, options, streamed }) {
  // A URL cannot be sent to a worker, but its text can.
  const given = typeof source === "string" ? new URL(source) : source;
  const dataset = await (streamed ? openStreamed : openDataset)(given, options);
  const { labels, names, groups, skipped } = dataset;
  return {
    fingerprint: await fingerprint(dataset),
    images: labels.length,
    names,
    groups: groups && [...groups],
    skipped,
    isStreamed: !("images" in dataset),
  };
}
