import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import { createSha256 } from "../../base/sha256.ts";
import { toBase64 } from "./components.tsx";
import { style } from "./style.ts";

/** A section of a page, with a heading and a link to it. */
export interface Part {
  /** Unique on its page. */
  readonly id: string;
  readonly title: string;
  /** Beside the title, such as how many there are. */
  readonly note?: ComponentChildren;
  readonly content: ComponentChildren;
}

/** What a page consists of. */
export interface Page {
  readonly title: string;
  readonly parts: readonly Part[];
  /** Controls that stay in sight at the top. */
  readonly actions?: ComponentChildren;
  /** What runs in the page: a function that uses nothing from outside itself, since only its text gets there. */
  readonly script?: () => void;
  /** What the script reads, as JSON, from the element `data`. */
  readonly data?: unknown;
}

/**
 * A page as the text of one HTML file that needs no other and can load none: its Content-Security-Policy allows its own
 * style and script, by their hashes, and the pictures in it.
 */
export function renderPage(page: Page): string {
  const script = page.script && `(${page.script.toString()})()`;
  const policy = [
    "default-src 'none'",
    "img-src data:",
    `style-src ${hashSource(style)}`,
    ...(script === undefined ? [] : [`script-src ${hashSource(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>\n${renderToString(<Document page={page} policy={policy} script={script} />)}\n`;
}

/** The source expression of Content Security Policy that allows one text within a page. */
function hashSource(text: string): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(text));
  const hex = hash.digest();
  return `'sha256-${toBase64(Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16)))}'`;
}

interface DocumentProps {
  readonly page: Page;
  readonly policy: string;
  readonly script: string | undefined;
}

function Document({ page: { title, parts, actions, data }, policy, script }: DocumentProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <Raw element="style" text={style} />
      </head>
      <body>
        <header class="top">
          <h1>
            <Mark />
            <span>{title}</span>
          </h1>
          <nav aria-label="Parts of this page">
            {parts.map((part) => (
              <a href={`#${part.id}`}>{part.title}</a>
            ))}
          </nav>
          {actions && <div class="actions">{actions}</div>}
        </header>
        <main>
          {parts.map((part) => (
            <section class="part" id={part.id} aria-labelledby={`${part.id}-title`}>
              <div class="head">
                <h2 id={`${part.id}-title`}>{part.title}</h2>
                {part.note && <span class="soft">{part.note}</span>}
              </div>
              {part.content}
            </section>
          ))}
        </main>
        {data !== undefined && (
          // No text can end the element early.
          <Raw
            element="script"
            type="application/json"
            id="data"
            text={JSON.stringify(data).replaceAll("<", "\\u003c")}
          />
        )}
        {script !== undefined && <Raw element="script" text={script} />}
      </body>
    </html>
  );
}

interface RawProps {
  readonly element: "style" | "script";
  readonly text: string;
  readonly [attribute: string]: string;
}

/** An element whose text HTML takes as it is, and whose hash has to be that of this very text. */
const Raw = ({ element: Element, text, ...attributes }: RawProps) => (
  <Element {...attributes} dangerouslySetInnerHTML={{ __html: text }} />
);

/** A drop of ink. */
const Mark = () => (
  <svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
    <path d="M12 1.5c4 5.4 7 8.6 7 13a7 7 0 1 1-14 0c0-4.4 3-7.6 7-13z" />
  </svg>
);
