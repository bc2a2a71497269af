import { describe, expect, it } from "vitest";
import { exportCard } from "../../src/export/card/exportCard.ts";
import { plain } from "../../src/export/card/markdown.ts";
import {
  conv2d,
  dense,
  flatten,
  network,
  relu,
  type TrainingSpec,
  train,
  trainSpec,
  weightsSha256,
} from "../../src/index.ts";
import { bars } from "../training/data.ts";
import { hostileNames, randomFrom, randomWeights } from "./networks.ts";

const data = bars(120);
const [height, width, channels] = data.imageShape;
const model = network({ input: [height, width, channels], classes: data.classNames }, [
  conv2d(4, 3),
  relu(),
  flatten(),
  dense(data.classNames.length),
]);

describe("a model card", () => {
  it("says how well the model does, and trains it again bit for bit by its program", async () => {
    const run = train(model, data, { steps: 20, batchSize: 8, validateEvery: 0 });
    let spec: unknown;
    for await (const event of run) if (event.type === "start") spec = event.spec;
    const [trained, { test, arithmetic }] = [await run.model(), await run.result()];
    const history = { config: JSON.parse(JSON.stringify(spec)), weights: "last", steps: 20, arithmetic, test } as const;
    const card = await exportCard(trained, { run: "bars-1", license: "CC-BY-4.0", history });
    expect(card).toMatch(/^---\nlicense: "cc-by-4\.0"\nlibrary_name: inkling\npipeline_tag: image-classification\n/);
    expect(card).toContain(`value: ${test.accuracy}`);
    expect(card).toContain(`**${(100 * test.accuracy).toFixed(1)} %**`);
    for (const name of data.classNames) expect(card).toMatch(new RegExp(`^\\| ${name} \\| .* % \\|`, "m"));

    const [, program] = /```js\n([\s\S]*?)```/.exec(card)!;
    const [, settings] = /<details>[\s\S]*```json\n([\s\S]*?)```/.exec(card)!;
    const said: string[] = [];
    const body = program!.replaceAll(/import \{([^}]*)\} from '.*';/g, "const {$1} = modules;");
    const modules = { trainSpec, weightsSha256, readFile: async () => settings, openDataset: async () => data };
    const AsyncFunction = (async () => {}).constructor as new (
      ...code: string[]
    ) => (...values: unknown[]) => Promise<void>;
    await new AsyncFunction("modules", "console", body)(modules, { log: (line: string) => said.push(line) });
    expect(said).toEqual([await weightsSha256(trained.weights)]);
    expect(card).toContain(said[0]);
  });

  it("opens separate sets, and with the options that were given", async () => {
    const options = { validation: bars(40), test: bars(30), steps: 2, batchSize: 4, validateEvery: 0 };
    const run = train(model, data, options);
    let spec: TrainingSpec | undefined;
    for await (const event of run) if (event.type === "start") spec = event.spec;
    const { arithmetic } = await run.result();
    const config = { ...spec!, data: { ...spec!.data, test: "t", validation: "v", classPattern: "{class}*" } };
    const card = await exportCard(await run.model(), { history: { config, weights: "last", steps: 2, arithmetic } });
    expect(card).toContain(`- Validation images: v, fingerprint \`${spec!.data.validationFingerprint}\``);
    const open = (name: string) => `await openDataset(spec.data.${name}, { classPattern: spec.data.classPattern })`;
    expect(card).toContain(
      `trainSpec(spec, ${open("source")}, { test: ${open("test")}, validation: ${open("validation")} });`,
    );
  });

  it("says less of a model whose training is not known", async () => {
    const card = await exportCard(randomWeights(model, randomFrom(1)));
    expect(card).toMatch(
      /^---\nlibrary_name: inkling\npipeline_tag: image-classification\n---\n\n# Image classifier\n/,
    );
    expect(card).not.toContain("undefined");
    expect(card).not.toContain("## Results");
  });

  it("is one line of plain text for any name", () => {
    for (const name of hostileNames) {
      const text = plain(name);
      expect(text).not.toMatch(/[\n<>]/);
      expect(text.replaceAll(/\\./g, "")).not.toMatch(/[|`*_[\]#]/);
    }
  });
});
