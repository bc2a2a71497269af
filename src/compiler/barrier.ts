import { add, block, call, elementwise, load } from "../ir/build.ts";
import { type BufferUses, conflict, usesOf } from "../ir/contraction.ts";
import type { Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import type { Tensor } from "../ops/graph.ts";
import { sumInBlocks } from "./longSums.ts";
import { type Named, type Plan, parametersOf, type Work, wholeNests } from "./plan.ts";
import { schedule } from "./schedule/schedule.ts";
import { isSmall, split } from "./split.ts";

/** Nests that may run at the same time: the large ones on all threads, the small ones one after another. */
interface Round {
  readonly large: Named[];
  readonly small: Named[];
}

/** The nests to run before the segment of a level: nodes of the batch, sums over all samples, and sums of the groups' sums. */
export const barrierNests = (plan: Plan, level: number): readonly Named[] =>
  plan.nodes.flatMap((n) => {
    if ((n.kind === "batch" || n.kind === "deferred") && n.level === level) return wholeNests(plan, n);
    if (n.kind === "partial" && n.level + 1 === level) return n.node.writes.map((t) => join(plan, t));
    return [];
  });

/** Sums the groups' sums in a fixed tree: group p with group p + ⌈n/2⌉, and so on. */
function join({ name, tensors }: Plan, t: Tensor): Named {
  const partial = tensors.partial(t);
  const tree = (sums: readonly Value[]): Value => {
    const half = Math.ceil(sums.length / 2);
    if (sums.length === 1) return sums[0]!;
    return tree(sums.slice(0, half).map((sum, p) => (p + half < sums.length ? add(sum, sums[p + half]!) : sum)));
  };
  const groups = Array.from({ length: partial.shape[0]! }, (_, g) => g);
  const nest = elementwise(tensors.whole(t), (i) => tree(groups.map((g) => load(at(partial, g, ...i)))));
  return { name: `${name}_${t.name}_join`, nest };
}

/** The work of a barrier, in rounds that run one after another. */
export const roundsOf = (plan: Plan, name: string, nests: readonly Named[]): readonly (readonly Work[])[] =>
  inRounds(nests.flatMap(sumInBlocks)).map((round, k) => workOfRound(plan, `${name}_${k}`, round));

/** Puts each nest in the earliest round that its dependencies allow. */
function inRounds(nests: readonly Named[]): readonly Round[] {
  const rounds: Round[] = [];
  const placed: { readonly uses: BufferUses; readonly round: number; readonly small: boolean }[] = [];
  for (const named of nests) {
    const uses = usesOf(named.nest);
    const small = isSmall(named.nest);
    let round = 0;
    // Small nests of one round run one after the other, in this order.
    for (const earlier of placed)
      if (conflict(earlier.uses, uses))
        round = Math.max(round, earlier.small && small ? earlier.round : earlier.round + 1);
    placed.push({ uses, round, small });
    rounds[round] ??= { large: [], small: [] };
    rounds[round]![small ? "small" : "large"].push(named);
  }
  return rounds;
}

function workOfRound(plan: Plan, name: string, { large, small }: Round): readonly Work[] {
  const { machine } = plan;
  const row = small.map(({ name, nest, around }) => call(name, schedule(nest, machine, around)));
  const sequential: Work = { kernel: { name, axes: parametersOf(plan, 1), body: block(...row) }, parts: 1 };
  const parallel = large.map(({ name, nest: whole, around }): Work => {
    const { nest, parts } = split(whole);
    return { kernel: { name, axes: parametersOf(plan, parts), body: schedule(nest, machine, around) }, parts };
  });
  return row.length > 0 ? [sequential, ...parallel] : parallel;
}
