import { InklingError } from "../../../base/error.ts";

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

/** Why an address may not be fetched from; nothing where it may. */
export function whyRefused(url: URL, insecure: boolean): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return `${url.protocol} is not fetched, only https:`;
  if (url.username || url.password) return "an address with a password is not fetched";
  if (url.protocol === "https:" || isLoopback(url.hostname) || insecure) return undefined;
  return "it is not HTTPS, so anyone on the way could change what comes; --insecure (insecure: true) allows it";
}

/** An address as text. Throws `INVALID_ARGUMENT`. */
export function parseAddress(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new InklingError("INVALID_ARGUMENT", `${text} is no address; give one such as https://host/data.tar.gz`);
}

/** Whether a data source is meant as an address. */
export const isAddress = (source: string): boolean => /^https?:\/\//i.test(source);
