/**
 * Items in a message: all of them if there are at most `most`, and otherwise the first `shown` (default: `most`) and how many
 * more there are: `a, b and 7 more`.
 */
export const listed = (items: readonly string[], most: number, shown = most): string =>
  items.length <= most ? items.join(", ") : `${items.slice(0, shown).join(", ")} and ${items.length - shown} more`;
