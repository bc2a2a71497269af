import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import { toBase64 } from "../../base/bytes.ts";
import { printableText } from "../../base/printable.ts";
import { createSha256 } from "../../base/sha256.ts";
import { scriptJson } from "../components/live.tsx";
import { type Pictures, PicturesContext, Strips } from "../components/pictures.tsx";
import { theme } from "../style/theme.ts";

/** A section of a page, with a heading and a link to it. */
export interface Part {
  /** Unique on its page. */
  readonly id: string;
  readonly title: string;
  /** What the link to it is called. Default: its title; empty for a part that the one before leads to. */
  readonly short?: string;
  /** A note next to the title, such as a count. */
  readonly note?: ComponentChildren;
  readonly content: ComponentChildren;
  /** Whether it shares its row with another half, where there is room. Default: false. */
  readonly half?: boolean;
}

/** The parts of a page. */
export interface Page {
  readonly title: string;
  readonly parts: readonly Part[];
  /** Controls that stay visible at the top. */
  readonly actions?: ComponentChildren;
  /**
   * The script: its text or a function, which must not refer to anything outside itself, since only its text is inserted.
   */
  readonly script?: string | (() => void);
  /** The data for the script, which it reads as JSON from the element `data`. */
  readonly data?: unknown;
  /** The images that components show by their places. */
  readonly pictures?: Pictures;
  /** Whether the script may send requests to the server that the page is from. Default: false. */
  readonly connects?: boolean;
}

/** The text of a page's script. */
const scriptOf = ({ script }: Page): string | undefined =>
  typeof script === "function" ? `(${script.toString()})()` : script;

/**
 * A page as a single HTML file that neither needs nor can load any other: its Content-Security-Policy allows only its
 * own style and script, by their hashes, and its embedded pictures.
 */
export const renderPage = (page: Page): string =>
  `<!doctype html>\n${withoutControls(renderToString(<Document page={page} />))}\n`;

/** A page without characters that change the direction of its texts; scripts and styles are ours, and have none. */
const withoutControls = (html: string): string =>
  html
    .split(/(<(?:script|style)\b.*?<\/(?:script|style)>)/s)
    .map((piece, k) => (k % 2 === 1 ? piece : printableText(piece)))
    .join("");

/** The Content-Security-Policy that a page states, and that a server may state as well. */
export function contentPolicy(page: Page): string {
  const script = scriptOf(page);
  return [
    "default-src 'none'",
    "img-src data:",
    `style-src ${hashSource(theme)}`,
    ...(script === undefined ? [] : [`script-src ${hashSource(script)}`]),
    ...(page.connects ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The Content Security Policy source expression that allows an inline text by its hash. */
function hashSource(text: string): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(text));
  const hex = hash.digest();
  return `'sha256-${toBase64(Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16)))}'`;
}

function Document({ page }: { readonly page: Page }) {
  const { title, parts, actions, data, pictures } = page;
  const script = scriptOf(page);
  const content = withoutLoneHalves(parts).map((part) => <PartSection part={part} />);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={contentPolicy(page)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <Raw element="style" text={theme} />
      </head>
      <body>
        <header class="top">
          <h1>
            <Mark />
            <span>{title}</span>
          </h1>
          <nav aria-label="Parts of this page">
            {parts
              .filter(({ short }) => short !== "")
              .map(({ id, title, short }) => (
                <a href={`#${id}`}>{short ?? title}</a>
              ))}
          </nav>
          {actions && <div class="actions">{actions}</div>}
        </header>
        <main>{pictures ? <PicturesContext value={pictures}>{content}</PicturesContext> : content}</main>
        {pictures && (
          <>
            <Strips {...pictures} />
            <Raw
              element="script"
              type="application/json"
              id="pictures"
              text={scriptJson({ ...pictures, strips: [] })}
            />
          </>
        )}
        {data !== undefined && <Raw element="script" type="application/json" id="data" text={scriptJson(data)} />}
        {script !== undefined && <Raw element="script" text={script} />}
      </body>
    </html>
  );
}

/** The parts, of which halves have a row to themselves where no other half would stand beside them. */
function withoutLoneHalves(parts: readonly Part[]): readonly Part[] {
  let isOpen = false;
  return parts.map((part, k) => {
    if (!part.half) isOpen = false;
    else if (isOpen) isOpen = false;
    else if (parts[k + 1]?.half) isOpen = true;
    else return { ...part, half: false };
    return part;
  });
}

const PartSection = ({ part: { id, title, note, content, half } }: { readonly part: Part }) => (
  <section class={half ? "part half" : "part"} id={id} aria-labelledby={`${id}-title`}>
    <div class="head">
      <h2 id={`${id}-title`}>{title}</h2>
      {note && <span class="soft">{note}</span>}
    </div>
    {content}
  </section>
);

interface RawProps {
  readonly element: "style" | "script";
  readonly text: string;
  readonly [attribute: string]: string;
}

/** An element whose text is not escaped, and must match its hash exactly. */
const Raw = ({ element: Element, text, ...attributes }: RawProps) => (
  <Element {...attributes} dangerouslySetInnerHTML={{ __html: text }} />
);

/** A drop of ink. */
const Mark = () => (
  <svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
    <path d="M12 1.5c4 5.4 7 8.6 7 13a7 7 0 1 1-14 0c0-4.4 3-7.6 7-13z" />
  </svg>
);
