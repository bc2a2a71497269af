import type { ComponentChildren } from "preact";

interface SectionProps {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly note?: ComponentChildren;
  /** Buttons beside the title. */
  readonly actions?: ComponentChildren;
  /** Whether it takes the whole width where it stands beside another. */
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

/** A sheet with a title. */
export const Section = ({ id, title, note, actions, isWide = false, children }: SectionProps) => (
  <section class={isWide ? "part across" : "part"} id={id} aria-labelledby={`${id}-title`}>
    <div class="head">
      <h2 id={`${id}-title`}>{title}</h2>
      {note && <span class="soft small">{note}</span>}
      {actions && <span class="actions">{actions}</span>}
    </div>
    {children}
  </section>
);
