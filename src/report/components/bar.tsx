/** A segment of a bar: its fraction, 0 to 1, and the CSS class of its color. */
export interface Piece {
  readonly share: number;
  readonly class?: string;
}

/** A bar of one or more segments. Text next to it must state everything that it shows. */
export function Bar({ pieces, class: kind = "" }: { readonly pieces: readonly Piece[]; readonly class?: string }) {
  const starts = pieces.map((_, i) => pieces.slice(0, i).reduce((sum, { share }) => sum + share, 0));
  return (
    <svg class={`bar ${kind}`} aria-hidden="true">
      {pieces.map((piece, i) => (
        <rect class={piece.class} x={percentage(starts[i]!)} width={percentage(piece.share)} height="100%" />
      ))}
    </svg>
  );
}

const percentage = (share: number): string => `${(100 * share).toFixed(2)}%`;
