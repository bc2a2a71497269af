import type { Axis } from "../../components/chart.tsx";

/** Scores below this quantile are drawn at the lower end of their axis, so that the others can be told apart. */
const CUT = 0.25;

/** The ends of an axis of scores: few bad ones do not press all others together. */
export function scoreDomain(scores: readonly number[], isAccuracy: boolean): readonly [number, number] {
  const sorted = scores.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [low, high] = isAccuracy ? [at(CUT), sorted.at(-1)!] : [sorted[0]!, at(1 - CUT)];
  const margin = (high - low) / 10 || 0.01;
  return isAccuracy
    ? [Math.max(0, low - 3 * margin), Math.min(1, high + margin)]
    : [Math.max(0, low - margin), high + 3 * margin];
}

/** The vertical axis of a chart of scores. */
export const scoreAxis = (domain: readonly [number, number], isAccuracy: boolean): Axis => ({
  ...(isAccuracy ? { name: "accuracy", kind: "percent" } : { name: "loss", kind: "number" }),
  domain,
});
