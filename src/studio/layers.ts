import type { LayerField } from "../layers/fields.ts";
import type { LayerConfig } from "../layers/index.ts";
import type { LayerInfo } from "./settings.ts";

/* Layers as an editor changes them: as one would write them. */

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Layers without names that they are given anyway, and without settings that are at their defaults. */
export function written(layers: readonly LayerConfig[], infos: readonly LayerInfo[]): readonly LayerConfig[] {
  const read = new Set(layers.flatMap(({ inputs = [] }) => inputs));
  const counts = new Map<string, number>();
  return layers.map((layer) => {
    const count = (counts.get(layer.type) ?? 0) + 1;
    counts.set(layer.type, count);
    const fields = infos.find(({ type }) => type === layer.type)?.fields ?? [];
    const isUsual = ([name, value]: readonly [string, unknown]) =>
      (name === "name" && value === `${layer.type}_${count}` && !read.has(`${value}`)) ||
      fields.some((field) => field.name === name && isSame(field.default, value));
    return Object.fromEntries(Object.entries(layer).filter((entry) => !isUsual(entry))) as unknown as LayerConfig;
  });
}

/**
 * Layers whose names differ: one without a name is called by its type and its number, so it gets a name of its own where
 * another layer has that one.
 */
export function settled(layers: readonly LayerConfig[]): readonly LayerConfig[] {
  const taken = new Set(layers.flatMap(({ name }) => name ?? []));
  const counts = new Map<string, number>();
  return layers.map((layer) => {
    let count = (counts.get(layer.type) ?? 0) + 1;
    counts.set(layer.type, count);
    if (layer.name !== undefined || !taken.has(`${layer.type}_${count}`)) return layer;
    while (taken.has(`${layer.type}_${count}`)) count++;
    taken.add(`${layer.type}_${count}`);
    return { ...layer, name: `${layer.type}_${count}` };
  });
}

/** A setting as it stands in its field: 3 for [3, 3], and of a long number the first digits. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (!Array.isArray(value)) return String(value);
  return value.length === 2 && value[0] === value[1] ? String(value[0]) : value.join(", ");
}

/** What is typed into a field; undefined where it is empty, so that the default applies. */
export function typedValue(kind: LayerField["kind"], text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (kind === "flag") return trimmed === "true";
  if (kind === "initializer") return { type: trimmed };
  if (kind === "choice") return trimmed;
  const numbers = trimmed.split(/[\s,×]+/).map(Number);
  if (!numbers.every(Number.isFinite)) return trimmed;
  return numbers.length === 1 ? numbers[0] : numbers;
}
