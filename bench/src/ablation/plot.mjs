import { writeFileSync } from "node:fs";

const [LEFT, RIGHT, ROW, TOP] = [330, 640, 20, 36];

/**
 * Draws each variant's mean and interval beside the recipe's, for docs/recipes.md.
 * @param {Record<string, { name: string, mean: number, reach: number }[]>} results
 */
export function plot(results) {
  for (const [source, rows] of Object.entries(results)) {
    const path = new URL(`../../../docs/images/ablation-${source}.svg`, import.meta.url);
    writeFileSync(path, draw(source, rows));
  }
}

/** @param {string} source @param {{ name: string, mean: number, reach: number }[]} all */
function draw(source, all) {
  const rows = all.filter(({ mean }) => !Number.isNaN(mean));
  const low = Math.floor(100 * Math.min(...rows.map(({ mean, reach }) => mean - reach)));
  const high = Math.ceil(100 * Math.max(...rows.map(({ mean, reach }) => mean + reach)));
  const x = (/** @type {number} */ share) => LEFT + ((100 * share - low) / (high - low)) * (RIGHT - LEFT);
  const height = TOP + ROW * rows.length + 16;
  const ticks = Array.from({ length: high - low + 1 }, (_, k) => low + k).filter((t) =>
    high - low > 12 ? t % 5 === 0 : true,
  );
  const lines = [
    ...ticks.map(
      (t) => `<line x1="${x(t / 100)}" y1="${TOP - 8}" x2="${x(t / 100)}" y2="${height - 12}" class="tick"/>`,
    ),
    ...ticks.map((t) => `<text x="${x(t / 100)}" y="${TOP - 14}" text-anchor="middle">${t}</text>`),
    `<line x1="${x(rows[0].mean)}" y1="${TOP - 8}" x2="${x(rows[0].mean)}" y2="${height - 12}" class="base"/>`,
    ...rows.flatMap(({ name, mean, reach }, k) => {
      const y = TOP + ROW * k + ROW / 2;
      return [
        `<text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${name}</text>`,
        `<line x1="${x(mean - reach)}" y1="${y}" x2="${x(mean + reach)}" y2="${y}" class="reach"/>`,
        `<circle cx="${x(mean)}" cy="${y}" r="3.5"/>`,
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${RIGHT + 24}" height="${height}" font-family="sans-serif" font-size="11">
<title>Test accuracy on ${source} in percent, mean and 95 % interval</title>
<style>.tick{stroke:#ddd}.base{stroke:#c33;stroke-dasharray:3 3}.reach{stroke:#357;stroke-width:2}circle{fill:#357}text{fill:#333}</style>
<rect width="100%" height="100%" fill="#fff"/>
${lines.join("\n")}
</svg>
`;
}
