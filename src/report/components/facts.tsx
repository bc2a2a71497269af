import type { ComponentChildren } from "preact";

/** Key figures in large type, each with a name and an explanation. */
export const Figures = ({
  items,
  lead = false,
}: {
  readonly items: readonly { readonly name: string; readonly value: string; readonly note?: string }[];
  /** Whether the first figure is the one that matters. Default: false. */
  readonly lead?: boolean;
}) => (
  <dl class={lead ? "figures lead" : "figures"}>
    {items.map(({ name, value, note }) => (
      <div>
        <dt>{name}</dt>
        <dd class="value">{value}</dd>
        {note && <dd class="note">{note}</dd>}
      </div>
    ))}
  </dl>
);

/** A list of names with descriptions. */
export const Facts = ({ items }: { readonly items: readonly (readonly [string, ComponentChildren])[] }) =>
  items.length > 0 ? (
    <dl class="facts">
      {items.map(([name, content]) => (
        <>
          <dt>{name}</dt>
          <dd>{content}</dd>
        </>
      ))}
    </dl>
  ) : null;

/** What a page has to say, in a few sentences. No line begins with a unit. */
export const Verdict = ({ children }: { readonly children: string }) => (
  <p class="verdict">{children.replaceAll(/(?<=\d) (?=%|points?\b)/g, "\u00a0")}</p>
);

/** The note below a truncated list. */
export const More = ({ count, children }: { readonly count: number; readonly children: ComponentChildren }) =>
  count > 0 ? <p class="soft">{children}</p> : null;
