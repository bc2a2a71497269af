import type { Send } from "../calls.ts";
import type { Update } from "../updates.ts";
import { decodeBody, decodeLine, encodeBody } from "../wire.ts";

/** Where the page keeps the token of its server; other sites, and servers at other ports, cannot read it. */
const KEPT = "inkling-token";
/** Milliseconds before the page tries again to reach a server. */
const AGAIN = 1000;

/**
 * Connects the page to the server that it comes from: reports what the server reports, again after the connection was lost,
 * and returns what calls its workbench; undefined if the page has no token that the server accepts.
 */
export async function connectToServer(report: (update: Update) => void): Promise<Send | undefined> {
  const token = (await givenToken()) ?? localStorage.getItem(KEPT);
  if (token === null) return undefined;
  const headers = { Authorization: `Bearer ${token}` };
  const first = await fetch("events", { headers });
  if (!first.ok) {
    if (first.status === 401) localStorage.removeItem(KEPT);
    return undefined;
  }
  localStorage.setItem(KEPT, token);
  void follow(first, headers, report);
  return async (method, args) => {
    const response = await fetch(`calls/${method}`, { method: "POST", headers, body: encodeBody(args) });
    if (!response.ok) throw new Error(await reasonOf(response));
    return valueIn(response);
  };
}

/** The token of the link by which the page was opened, which is then removed from the address. */
async function givenToken(): Promise<string | undefined> {
  const given = new URLSearchParams(location.hash.slice(1));
  const [token, code] = [given.get("token"), given.get("code")];
  if (token === null && code === null) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  if (token !== null) return token;
  const response = await fetch("session", { method: "POST", body: encodeBody([code]) });
  return response.ok ? ((await valueIn(response)) as string) : undefined;
}

/** Reports what the server reports, as long as there is a server. */
async function follow(first: Response, headers: HeadersInit, report: (update: Update) => void): Promise<void> {
  for (let response: Response | undefined = first; ; ) {
    if (response?.ok) {
      report({ type: "connection", to: "server" });
      await readEvents(response, report).catch(() => {}); // the connection was lost
    }
    if (response?.status === 401) return report({ type: "connection", to: "other" });
    report({ type: "connection", to: "none" });
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    response = await fetch("events", { headers }).catch(() => undefined);
  }
}

/** Reads a stream of server-sent events to its end. */
async function readEvents(response: Response, report: (update: Update) => void): Promise<void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop()!;
    for (const event of events) if (event.startsWith("data: ")) report(decodeLine(event.slice(6)) as Update);
  }
}

const valueIn = async (response: Response): Promise<unknown> =>
  decodeBody(new Uint8Array(await response.arrayBuffer()));

async function reasonOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { readonly error?: { readonly message?: string } };
  return body?.error?.message ?? `the server responded with ${response.status}`;
}
