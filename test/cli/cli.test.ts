import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { below, type Finished, finish, Inkling } from "./inkling.ts";

let inkling: Inkling;
let [images, archive, others] = ["", "", ""];
let dataBefore: readonly string[] = [];
beforeAll(async () => {
  inkling = new Inkling();
  await inkling.writeBars("letters3", 90);
  await inkling.writeBars("others", 30, 4);
  images = join(inkling.data, "letters3");
  archive = join(inkling.data, "letters3.tar.gz");
  others = join(inkling.data, "others");
  writeFileSync(join(inkling.data, "notes.txt"), "no data set");
  dataBefore = below(inkling.data);
});
afterAll(() => inkling?.remove());

const json = ({ stdout }: Finished) => JSON.parse(stdout);
const train = (source: string, out: string, ...args: string[]) =>
  inkling.run("train", source, "--recipe", "lenet", "--steps", "12", "--out", out, "--json", ...args);

describe("inkling train", () => {
  let first: Finished;
  beforeAll(async () => {
    first = await train(images, "first");
  });

  it("ends with one JSON object that has all its fields, and says everything else on stderr", () => {
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(json(first)).toEqual(
      expect.objectContaining({
        formatVersion: 1,
        testAccuracy: expect.any(Number),
        testInterval: [expect.any(Number), expect.any(Number)],
        testImages: 9,
        validationAccuracy: expect.any(Number),
        imagesPerSecond: expect.any(Number),
        seconds: expect.any(Number),
        steps: 12,
        backend: "wasm",
        threads: expect.any(Number),
        arithmetic: expect.stringMatching(/^(fma|mul-add)$/),
        weightsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        run: "first",
      }),
    );
    const { testAccuracy, testInterval, imagesPerSecond } = json(first);
    expect(testInterval[0]).toBeLessThanOrEqual(testAccuracy);
    expect(testInterval[1]).toBeGreaterThanOrEqual(testAccuracy);
    expect(imagesPerSecond).toBeGreaterThan(0);
    expect(first.stderr).toContain("Test accuracy:");
  });

  it("prints the article's lines on stdout if asked to, without colors or progress where nobody watches", async () => {
    const options = ["--steps", "3", "--log", "article", "--out", "lines"];
    const { code, stdout, stderr } = await inkling.run("train", images, "--recipe", "lenet", ...options);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "Training set (72, 8, 8, 1) (72, 3)",
      "Validation set (9, 8, 8, 1) (9, 3)",
      "Test set (9, 8, 8, 1) (9, 3)",
    ]);
    expect(lines[3]).toMatch(/^Minibatch loss at step 0: \d+\.\d{6}$/);
    expect(lines[4]).toMatch(/^Minibatch accuracy: \d+\.\d%$/);
    expect(lines[5]).toMatch(/^Validation accuracy: \d+\.\d%$/);
    expect(lines[6]).toMatch(/^Minibatch loss at step 2: /);
    expect(lines.at(-1)).toMatch(/^Test accuracy: \d+\.\d% {2}\(95 % interval \d+\.\d–\d+\.\d %, 9 images\)$/);
    expect(stderr).toContain("saved in lines");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what must not be there.
    expect(stdout + stderr).not.toMatch(/[\x1b\r]/);
  });

  it("prints a line for each validation that fits 80 characters", async () => {
    const { stdout } = await inkling.run("train", images, "--recipe", "lenet", "--steps", "52", "--out", "table");
    const [sizes, head, ...lines] = stdout.trimEnd().split("\n");
    expect(sizes).toBe("72 training, 9 validation, 9 test images (8×8×1, 3 classes)");
    expect(head).toMatch(/^ *epoch +step +train loss +val loss +val acc +images\/s +time left$/);
    expect(lines.map((line) => line.trim().split(/ {2,}/)[1])).toEqual(["1/52", "51/52", "52/52", expect.anything()]);
    expect(lines[2]).toMatch(/^ *11\.6 +52\/52 +\d+\.\d{4} +\d+\.\d{4} +\d+\.\d % +[\d,]+ +0 s$/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("gives the same weights for the same seed, from a folder and from an archive of it, and others for another", async () => {
    const [again, packed, reseeded] = await Promise.all([
      train(images, "again"),
      train(archive, "packed"),
      train(images, "reseeded", "--seed", "2"),
    ]);
    const { weightsSha256, testAccuracy } = json(first);
    expect(json(again)).toMatchObject({ weightsSha256, testAccuracy });
    expect(json(packed)).toMatchObject({ weightsSha256, testAccuracy });
    expect(json(reseeded).weightsSha256).not.toBe(weightsSha256);
  });

  it("drops by option, in training and, where asked to, in validation", async () => {
    const dropping = ["--keep-probability", "0.5"];
    const [dropped, validated] = await Promise.all([
      train(images, "dropped", ...dropping),
      train(images, "validated", ...dropping, "--validate-with-dropout"),
    ]);
    expect(json(dropped).weightsSha256).not.toBe(json(first).weightsSha256);
    expect(json(validated)).toMatchObject({
      weightsSha256: json(dropped).weightsSha256,
      testAccuracy: json(dropped).testAccuracy,
    });
  });

  it("convolves by Winograd's algorithm where asked to, and evaluate does so too", async () => {
    const finished = await train(images, "winograd", "--winograd");
    expect(finished.stderr).toContain("Winograd's algorithm for conv2d_2\n");
    const trained = json(finished);
    expect(trained.weightsSha256).not.toBe(json(first).weightsSha256);
    expect(trained.testAccuracy).toBeCloseTo(json(first).testAccuracy, 1);
    expect(readFileSync(join(inkling.cwd, "winograd", "run.json"), "utf8")).toMatch(/"algorithm": ?"winograd"/);
    const evaluated = json(await inkling.run("evaluate", "winograd", "--json"));
    expect(evaluated.testAccuracy).toBe(trained.testAccuracy);
  });

  it("saves in runs, in a folder of its own each time, where no other is named", async () => {
    const start = () => inkling.run("train", archive, "--steps", "1", "--json");
    expect(json(await start()).run).toBe(join("runs", "auto-letters3-1"));
    expect(json(await start()).run).toBe(join("runs", "auto-letters3-2"));
  });

  it("tests on a data set of its own, and evaluate does so again", async () => {
    const trained = json(await train(images, "tested", "--test", others));
    expect(trained.testImages).toBe(30);
    const evaluated = json(await inkling.run("evaluate", "tested", "--json"));
    expect(evaluated).toMatchObject({
      testAccuracy: trained.testAccuracy,
      testInterval: trained.testInterval,
      testImages: 30,
    });
  });

  it("resizes where it is asked to, and evaluate does so too", async () => {
    const trained = json(await train(images, "resized", "--resize", "10x12"));
    const evaluated = json(await inkling.run("evaluate", "resized", "--json"));
    expect(evaluated.testAccuracy).toBe(trained.testAccuracy);
  });

  it("ends at Ctrl-C with 130, and one line that says how far it came", async () => {
    const child = inkling.start([
      "train",
      images,
      "--recipe",
      "lenet",
      "--steps",
      "100000000",
      "--validate-every",
      "0",
      "--out",
      "stopped",
    ]);
    const finished = finish(child);
    child.stderr!.on("data", (chunk) => {
      if (String(chunk).includes("Training on")) setTimeout(() => child.kill("SIGINT"), 300);
    });
    const { code, stderr } = await finished;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^inkling: training was stopped after [\d,]+ of 100000000 steps/m);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe("inkling evaluate", () => {
  it("reproduces the test of the training exactly, and has its fields", async () => {
    const trained = json(await train(images, "own", "--test-size", "45"));
    const finished = await inkling.run("evaluate", "own", "--json", "--html", "own.html");
    expect(finished.code, finished.stderr).toBe(0);
    expect(finished.stderr).toContain("report with pictures: own.html\n");
    const page = readFileSync(join(inkling.cwd, "own.html"), "utf8");
    expect(page).toMatch(/<title>Evaluation of own<[\s\S]* id="score"[\s\S]* id="map"[\s\S]* id="origin"/);
    expect(page).toContain("npx inkling replay own\nnpx inkling evaluate own --html own.html");
    expect(page).toContain(trained.weightsSha256);
    expect((await inkling.run("evaluate", "own", "--audit", "a.json")).stderr).toContain(
      `; create an audit with: inkling data audit ${images} --out a.json\n`,
    );
    const evaluated = json(finished);
    const { testAccuracy, testInterval, testImages, weightsSha256, arithmetic } = trained;
    expect(evaluated).toMatchObject({
      testAccuracy,
      testInterval,
      testImages,
      weightsSha256,
      arithmetic,
      formatVersion: 1,
      run: "own",
    });
    expect(evaluated).toMatchObject({ steps: 12, backend: "wasm", threads: expect.any(Number) });
    const { result } = JSON.parse(readFileSync(join(inkling.cwd, "own", "run.json"), "utf8"));
    expect([evaluated.loss, evaluated.confusion]).toEqual([result.test.loss, result.test.confusion]);
    expect(evaluated.imagesPerSecond).toBeGreaterThan(0);
    expect(evaluated.seconds).toBeGreaterThan(0);
    expect(evaluated.classes.map((of: { class: string; count: number }) => [of.class, of.count])).toEqual(
      ["A", "B", "C"].map((name) => [name, 15]),
    );
    for (const { class: label, answer, count } of evaluated.confused) {
      const [row, column] = [label, answer].map((name) => ["A", "B", "C"].indexOf(name));
      expect(evaluated.confusion[row!][column!]).toBe(count);
    }
    expect(evaluated.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(testImages);
  });

  it("scores every readable image of a source, on any back end", async () => {
    // A small network, since the interpreter takes its time.
    await train(images, "other", "--steps", "40", "--set", "kernelSize=3", "--set", "convolutions=2");
    const [wasm, interpreted] = await Promise.all([
      inkling.run("evaluate", "other", `${others}.tar.gz`, "--json"),
      inkling.run("evaluate", "other", others, "--json", "--backend", "interpret"),
    ]);
    expect(json(wasm).testImages).toBe(30);
    expect(json(interpreted).testAccuracy).toBe(json(wasm).testAccuracy);
    const printed = await inkling.run("evaluate", "other", others);
    expect(printed.stdout).toMatch(
      /^Test accuracy: \d+\.\d% {2}\(95 % interval .*, 30 images of .*others\)\n\n[\s\S]*\nclass .*\nA +\d+\.\d % +\d+\.\d % +\d+\.\d % +10\n/,
    );
    expect(printed.stderr).toMatch(/^Read .*others: images of [\s\S]*\nWith the last weights, from step 40\n/);
  });

  it("names the part of a source that it scores", async () => {
    await train(images, "parted", "--steps", "1");
    for (const part of ["train", "val"]) cpSync(others, join(inkling.data, "parts", part), { recursive: true });
    const source = join(inkling.data, "parts");
    const printed = await inkling.run("evaluate", "parted", `${source}#validation`);
    expect(printed.stdout).toMatch(/^Validation accuracy: .*, 30 images of .*parts#validation\)\n/);
    rmSync(source, { recursive: true });
  });

  it("says so where the data have changed since", async () => {
    await inkling.writeBars("changing", 30, 9);
    const changing = join(inkling.data, "changing");
    await train(changing, "changed", "--steps", "1");
    rmSync(join(changing, "A", "0.png"));
    const { code, stderr, stdout } = await inkling.run("evaluate", "changed");
    rmSync(changing, { recursive: true });
    rmSync(`${changing}.tar.gz`);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^inkling: .*changing has changed since the run was trained; pass a source/m);
  });
});

describe("inkling model", () => {
  it("prints the seed's network as a table with its totals", async () => {
    const { code, stdout, stderr } = await inkling.run("model", "lenet");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^lenet: LeNet-5-like network/);
    expect(stdout.trimEnd().split("\n").at(-3)).toMatch(/^Total +64,138 +64,016 +1,932,416 +[\d,]+$/);
  });

  it("knows the recipe lenet by its former name too, and says what it is called now", async () => {
    const { code, stdout, stderr } = await inkling.run("model", "seed");
    expect([code, stderr]).toEqual([0, 'The recipe "seed" is now called "lenet"\n']);
    expect(stdout).toMatch(/^lenet: LeNet-5-like network/);
  });

  it("prints the model as JSON", async () => {
    const { stdout } = await inkling.run("model", "lenet", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ formatVersion: 1, input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] });
  });

  it("prints the network for images of another shape and number of classes", async () => {
    const shaped = await inkling.run("model", "fast", "--input", "64x48x3", "--classes", "cat,dog", "--json");
    expect(JSON.parse(shaped.stdout)).toMatchObject({ input: [64, 48, 3], classes: ["cat", "dog"] });
    const counted = await inkling.run("model", "fast", "--classes", "6");
    expect(counted.stdout).toMatch(/^dense_\d+ +dense +\(6,\)/m);
  });

  it("does not mind a reader that leaves", async () => {
    const child = inkling.start(["model", "lenet"]);
    const finished = finish(child);
    child.stdout!.destroy();
    expect(await finished).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("what is wrong is said in a line or two, with an exit code, and without a stack trace", () => {
  const IMAGES = "IMAGES";
  const cases: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
    [["trian"], 2, /unknown command 'trian'/],
    [["train", IMAGES, "--stepz", "3"], 2, /unknown option '--stepz'/],
    [["train", IMAGES, "--steps"], 2, /argument missing/],
    [["train", IMAGES, "--steps", "many"], 2, /'--steps <n>' argument 'many' is invalid; expected a number\./],
    [["train", IMAGES, "--steps", "0"], 2, /^inkling: --steps is 0, expected a whole number of at least 1$/m],
    [["train", IMAGES, "--batch-size", "1.5"], 2, /^inkling: --batch-size is 1.5, expected a whole number/m],
    [["train", IMAGES, "--learning-rate", "-1"], 2, /^inkling: --learning-rate is -1, expected a number above 0$/m],
    [
      ["train", IMAGES, "--recipe", "lenet", "--learning-rate", "1e30", "--steps", "9"],
      1,
      /^inkling: training diverged at step \d/m,
    ],
    [
      ["train", IMAGES, "--keep-probability", "2"],
      2,
      /^inkling: --keep-probability is 2, expected a number above 0 and up to 1$/m,
    ],
    [["train", IMAGES, "--seed", "-1"], 2, /^inkling: --seed is -1, expected a whole number from 0/m],
    [["train", IMAGES, "--weight-decay", "-1"], 2, /^inkling: --weight-decay is -1, expected a number of at/m],
    [["train", IMAGES, "--threads", "0"], 2, /^inkling: --threads is 0, expected a whole number of at least 1$/m],
    [["train", IMAGES, "--checkpoint-every", "-1"], 2, /^inkling: --checkpoint-every is -1, expected/m],
    [["train", IMAGES, "--validation-size", "-1"], 2, /^inkling: --validation-size is -1, expected a number of/m],
    [
      ["train", IMAGES, "--batch-size", "16", "--gradient-accumulation", "3"],
      2,
      /^inkling: .*--gradient-accumulation is 3, .* --batch-size, 16/m,
    ],
    [
      ["train", IMAGES, "--early-stopping", "3", "--validate-every", "0"],
      2,
      /--early-stopping .* --validate-every is 0;/,
    ],
    [
      ["train", IMAGES, "--early-stopping", "3", "--validation-size", "0"],
      2,
      /--early-stopping .*--validation-size larger/,
    ],
    [["train", IMAGES, "--epochs", "3", "--steps", "9"], 2, /'--epochs <n>' cannot be used with option '--steps <n>'/],
    [
      ["train", IMAGES, "--test", IMAGES, "--test-size", "9"],
      2,
      /'--test <source>' cannot be used with option '--test-/,
    ],
    [["train", IMAGES, "--step", "3"], 2, /unknown option '--step'\n\(Did you mean --steps\?\)/],
    [
      ["train", IMAGES, "--recipe", "fsat"],
      2,
      /^inkling: unknown recipe "fsat" \(did you mean fast\?\); known recipes: /m,
    ],
    [["train", IMAGES, "--backend", "gpu"], 2, /^inkling: unknown back end "gpu"; known back ends: wasm, interpret/m],
    [["train", IMAGES, "--resize", "28x"], 2, /expected HEIGHTxWIDTH, such as 28x28/],
    [["train", IMAGES, "--validation-size", "500"], 2, /^inkling: .* of 90 images require .* --validation-size 0\.1/m],
    [["train", IMAGES, "--test", "nowhere"], 1, /^inkling: data set nowhere was not found/m],
    [["train", IMAGES, "--out", "."], 1, /^inkling: .*is not empty/m],
    [["train", "nowhere"], 1, /^inkling: data set nowhere was not found in .*; use letters/m],
    [
      ["train", "notmnist"],
      1,
      /fetch it with: inkling data fetch notmnist-small, or inkling data fetch notmnist-large$/m,
    ],
    [["train", "notMNIST_small.tar.gz"], 1, /was not found .*; fetch it with: inkling data fetch notmnist-small$/m],
    [["train", "mnst"], 1, /was not found in \S+ \(did you mean mnist\?\); fetch it with: inkling data fetch mnist$/m],
    [["train", "leters"], 1, /data set leters was not found in \S+ \(did you mean letters\?\); use letters/],
    [["data", "inspect", `${IMAGES}3`], 1, /was not found.* \(did you mean .*letters3\?\)/],
    [["data", "inspct", "letters"], 2, /unknown command 'inspct'\n\(Did you mean inspect\?\)/],
    [["train", "TEXT"], 1, /^inkling: .*notes.txt is not in a format of data sets; use images in a folder/m],
    [["evaluate"], 2, /missing required argument 'run'/],
    [["evaluate", "nowhere"], 1, /^inkling: .*nowhere.* does not exist; specify the folder of a/m],
    [["model", "nope"], 2, /^inkling: .*nope/m],
  ];

  it.concurrent.each(cases)("inkling %j", async (args, code, message) => {
    if (args.includes(".")) writeFileSync(join(inkling.cwd, "file"), "something");
    const found = await inkling.run(
      ...args.map((arg) =>
        arg.startsWith(IMAGES) ? arg.replace(IMAGES, images) : arg === "TEXT" ? join(inkling.data, "notes.txt") : arg,
      ),
    );
    const said = found.stderr
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("Training on") && line !== "");
    const expectedLines = said.filter((line) => !/^(Read|Note:|Training|Validation|Test|Minibatch)/.test(line));
    expect(found.stderr).toMatch(message);
    expect(found.code).toBe(code);
    expect(expectedLines.length, found.stderr).toBeLessThanOrEqual(2);
    expect(found.stderr).not.toMatch(/^ +at |unexpected error/m);
  });
});

it("prints help for the asking, and a version", async () => {
  const [help, version, commandHelp] = await Promise.all([
    inkling.run("--help"),
    inkling.run("--version"),
    inkling.run("train", "--help"),
  ]);
  expect([help.code, version.code, commandHelp.code]).toEqual([0, 0, 0]);
  expect(help.stdout).toMatch(/train[\s\S]*evaluate[\s\S]*model/);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const option of ["--steps", "--seed", "--test", "--backend", "--out", "--json", "--keep-probability"])
    expect(commandHelp.stdout).toContain(option);
});

const script = ["/usr/bin/script", "/bin/script"].find(existsSync);
describe.skipIf(!script)(`on a terminal${script ? "" : " (skipped: no script command to make one)"}`, () => {
  const onTerminal = async (env: Readonly<Record<string, string>>) => {
    const { spawn } = await import("node:child_process");
    const command = `'${process.execPath}' '${inkling.main}' train '${images}' --steps 30 --out terminal-${Object.keys(env).join()}x`;
    const { stdout } = await finish(
      spawn(script!, ["-qec", command, "/dev/null"], {
        cwd: inkling.cwd,
        env: { PATH: process.env["PATH"], HOME: inkling.elsewhere, INKLING_BACKEND: "wasm", TERM: "xterm", ...env },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    return stdout;
  };

  it("shows progress and colors, and no colors with NO_COLOR", async () => {
    const [colored, plain] = await Promise.all([onTerminal({}), onTerminal({ NO_COLOR: "1" })]);
    expect(colored).toContain("\x1b[1mTest accuracy");
    expect(colored).toMatch(/█ {2}step 30 of 30 {2}loss \d/);
    expect(plain).toContain("Test accuracy");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what must not be there.
    expect(plain).not.toMatch(/\x1b\[\d*m/);
  });
});

// Last: everything before has run.
it("wrote nothing but into its working directory", () => {
  expect(below(inkling.elsewhere)).toEqual([]);
  expect(below(inkling.data)).toEqual(dataBefore);
  expect(readFileSync(join(inkling.data, "notes.txt"), "utf8")).toBe("no data set");
});
