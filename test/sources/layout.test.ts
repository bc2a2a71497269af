import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { readPattern } from "../../src/sources/classPattern.ts";
import { type Layout, readLayout } from "../../src/sources/layout.ts";

/** `{a,b}/{1,2}.png` as all combinations. */
function expand(pattern: string): readonly string[] {
  const found = /\{([^}]*)\}/.exec(pattern);
  if (!found) return [pattern];
  return found[1]!
    .split(",")
    .flatMap((choice) => expand(pattern.slice(0, found.index) + choice + pattern.slice(found.index + found[0].length)));
}
const names = (...patterns: string[]) => patterns.flatMap(expand);

/** What each image is read as: part:class@group, or ! and the reason. */
const seen = (all: readonly string[], { placements }: Layout): Readonly<Record<string, string>> =>
  Object.fromEntries(
    all.map((name, i) => {
      const placement = placements[i]!;
      if (typeof placement === "string") return [name, `! ${placement}`];
      const { className, part, group } = placement;
      return [name, `${part ? `${part}:` : ""}${className}${group === undefined ? "" : `@${group}`}`];
    }),
  );
const read = (...patterns: string[]) => {
  const all = names(...patterns);
  const layout = readLayout(all, "set");
  return { is: seen(all, layout), reading: layout.reading.join("; ") };
};
const values = (found: Readonly<Record<string, string>>) => [...new Set(Object.values(found))].sort();

describe("layouts of folders", () => {
  it("a folder for each class, below folders that all images share", () => {
    for (const top of ["", "notMNIST_small/", "a/b/"]) {
      const { is, reading } = read(`${top}{A,B,C}/{1,2}.png`);
      expect(values(is)).toEqual(["A", "B", "C"]);
      expect(reading).toBe("a folder for each class");
    }
    expect(values(read("{A,B}/images/{1,2}.jpg").is)).toEqual(["A", "B"]);
  });

  it.each([
    ["torchvision and Keras", "{train,val,test}/{cat,dog}/{1,2}.png"],
    ["Ultralytics classify", "cifar/{train,val,test}/{cat,dog}/{1,2}.png"],
    ["Kaggle", "{training_set/training_set,valid/valid,test_set/test_set}/{cat,dog}/{1,2}.jpg"],
    ["Intel's scenes", "{seg_train/seg_train,seg_test/seg_test,dev}/{cat,dog}/{1,2}.jpg"],
    ["capitals", "Data/{TRAIN,Valid,Testing}/{cat,dog}/{1,2}.JPG"],
    ["parts in classes", "{cat,dog}/{train,validation,test}/{1,2}.png"],
    ["Tiny ImageNet", "tiny/{train,val,test}/{cat,dog}/images/{1,2}.png"],
  ])("parts: %s", (_, pattern) => {
    const { is, reading } = read(pattern);
    expect(values(is)).toEqual(
      ["training", "validation", "test"].flatMap((part) => [`${part}:cat`, `${part}:dog`]).sort(),
    );
    expect(reading).toMatch(
      /^a folder for each class(?: in \S+\/, \S+\/ and \S+\/|, with \S+\/, \S+\/ and \S+\/ in each)$/,
    );
  });

  it("says which folders they are", () => {
    expect(read("x/{train,val}/{A,B}/{1,2}.png").reading).toBe("a folder for each class in train/ and val/");
  });

  it("a part may lack classes or have more of them, and be alone", () => {
    expect(values(read("train/{A,B}/{1,2}.png", "test/{B,D}/1.png").is)).toEqual([
      ..."test:B test:D training:A training:B".split(" "),
    ]);
    expect(values(read("test/{A,B}/{1,2}.png").is)).toEqual(["test:A", "test:B"]);
  });

  it("classes may be called train, valid or dev", () => {
    expect(values(read("{airplane,train,truck}/{1,2}.png").is)).toEqual(["airplane", "train", "truck"]);
    expect(values(read("{valid,invalid}/{1,2}.png").is)).toEqual(["invalid", "valid"]);
    expect(values(read("{train,val}/{airplane,train}/{1,2}.png").is)).toEqual([
      ..."training:airplane training:train validation:airplane validation:train".split(" "),
    ]);
  });

  it.each([
    ["a flat test folder beside parts", ["train/{A,B}/{1,2}.png", "test/{3,4}.png"]],
    ["one in a folder of its own", ["train/{A,B}/{1,2}.png", "test/test/{3,4}.png"]],
    ["a flat test folder beside classes", ["{A,B}/{1,2}.png", "test/{3,4}.png"]],
  ])("leaves out %s", (_, patterns) => {
    const { is, reading } = read(...patterns);
    expect(is[names(patterns[1]!)[0]!]).toBe("! it is unlabeled, because it is in no class folder");
    expect(values(is)).toHaveLength(3);
    expect(reading).toContain("test/ has no class folders: its 2 images are left out");
  });

  it("names the folders of a part that are not the classes", () => {
    const { is, reading } = read("train/{bird,cat}/{1,2}.png", "test/{birds,cats}/1.png");
    expect(is["test/birds/1.png"]).toBe("! it is in a folder that is not one of the classes");
    expect(reading).toContain("test/ has birds and cats, but train/ has bird and cat: its 2 images are left out");
  });

  it("says whether parts have folders of classes, or classes those of parts", () => {
    expect(read("{A,B}/{train,test}/{1,2}.png").reading).toBe("a folder for each class, with train/ and test/ in each");
  });

  it("takes a test folder with the same classes beside classes", () => {
    const { is, reading } = read("{A,B}/{1,2}.png", "test/{A,B}/3.png");
    expect(values(is)).toEqual(["test:A", "test:B", "training:A", "training:B"]);
    expect(reading).toBe("a folder for each class, and likewise in test/");
  });

  it("leaves out folders beside parts", () => {
    const { is, reading } = read("{train,test}/{A,B}/{1,2}.png", "extra/{A,B}/1.png");
    expect(is["extra/A/1.png"]).toBe("! it is in none of the folders train/ and test/");
    expect(reading).toBe(
      "a folder for each class in train/ and test/; 2 images outside of train/ and test/ are left out",
    );
  });

  it.each([
    [
      "sessions in classes",
      "{A,B}/{session1,session2}/{1,2}.png",
      "A@session1",
      "with folders (session1, session2, …)",
    ],
    ["classes in sessions", "{patient_01,patient_02}/{A,B}/{1,2}.png", "A@patient_01", "below folders (patient_01, "],
    ["dates in classes", "{A,B}/{2024-01-02,2024-01-03}/{1,2}.png", "A@2024-01-02", "groups, kept together"],
    ["digits of writers", "{writer1,writer2}/{0,1}/{1,2}.png", "0@writer1", "below folders (writer1, writer2, …)"],
    ["parts and sessions", "{train,test}/{A,B}/{s,t}1/{1,2}.png", undefined, ""],
  ])("groups: %s", (_, pattern, first, reading) => {
    if (first === undefined) {
      expect(() => read(pattern)).toThrow(/it is not clear which are the classes/);
      return;
    }
    const found = read(pattern);
    expect(Object.values(found.is)[0]).toBe(first);
    expect(found.reading).toContain(reading);
  });

  it("keeps sessions of the same name in parts together", () => {
    expect(values(read("{train,test}/{A,B}/{run1,run2}/{1,2}.png").is)).toContain("test:B@run2");
  });

  it("the innermost folders are classes if none is in two", () => {
    const { is, reading } = read("animals/{cat,dog}/{1,2}.png", "things/{car,cup}/{1,2}.png");
    expect(values(is)).toEqual(["car", "cat", "cup", "dog"]);
    expect(reading).toBe("the innermost folders, such as animals/cat, as classes");
  });

  it("asks which folders are the classes where names do not tell", () => {
    expect(() => read("{large,small}/{A,B}/{1,2}.png")).toThrow(
      'set has folders in folders, such as large/A, and names of the inner ones repeat, so it is not clear which are the classes; for those like large use classPattern: "{class}/{group}/*", for those like A use classPattern: "{group}/{class}/*"',
    );
  });

  it("names what is at another depth than most", () => {
    const { is } = read("{A,B}/{1,2}.png", "logo.png", "A/old/1.png");
    expect(is["logo.png"]).toBe("! it is not in a class folder: most images are at a different depth");
    expect(is["A/old/1.png"]).toBe(is["logo.png"]);
  });

  it("gives every image of a random tree a placement or a reason, in any order", () => {
    const folder = fc.constantFrom("A", "B", "train", "val", "test", "Test", "session1", "session2", "images", "x");
    const path = fc
      .tuple(fc.array(folder, { maxLength: 4 }), fc.integer({ min: 0, max: 9 }))
      .map(([folders, n]) => [...folders, `${n}.png`].join("/"));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 30 }), fc.nat(), (all, turn) => {
        let layout: Layout;
        try {
          layout = readLayout(all, "set");
        } catch (error) {
          expect(error).toBeInstanceOf(InklingError);
          expect(String(error)).toMatch(/classPattern/);
          return;
        }
        expect(layout.placements).toHaveLength(all.length);
        for (const [i, placement] of layout.placements.entries())
          if (typeof placement === "string") expect(placement).toMatch(/^it is /);
          else expect(all[i]!.split("/").slice(0, -1)).toContain(placement.className);
        const shift = all.length === 0 ? 0 : turn % all.length;
        const turned = [...all.slice(shift), ...all.slice(0, shift)];
        expect(seen(turned, readLayout(turned, "set"))).toEqual(seen(all, layout));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe("the class pattern", () => {
  const by = (pattern: string, all: readonly string[]) => Object.values(seen(all, readPattern(all, pattern)));

  it.each([
    ["train/{class}.*", "train/cat.0.png", "cat"],
    ["train/{class}.*", "dogs-vs-cats/train/cat.0.png", "cat"],
    ["{class}_*", "n02_x/pug_12_a.jpg", "pug"],
    ["{class}/{group}/*", "top/A/s1/1.png", "A@s1"],
    ["{group}/{class}/*", "s1/A/1.png", "A@s1"],
    ["{split}/{class}/*.png", "Val/A/1.png", "validation:A"],
    ["{class}/**/*.png", "A/b/c/1.png", "A"],
    ["{class}/**/*.png", "A/1.png", "A"],
    ["*-{class}.jpg", "1-2-cat.jpg", "cat"],
    ["a+b/{class}(*).png", "a+b/cat(1).png", "cat"],
    ["train/{class}.*", "test1/1.png", "! its name does not match the pattern train/{class}.*"],
    ["{split}/{class}/*", "foo/A/1.png", '! "foo" is none of train, val and test'],
  ])("%s reads %s as %s", (pattern, name, expected) => {
    expect(by(pattern, [name])).toEqual([expected]);
  });

  it.each([
    ["train/*", "it has no {class}"],
    ["{class}/{class}", "{class} is repeated"],
    ["{klass}/*", "{klass} is not a placeholder"],
    ["{class}/{*", "{ is not a placeholder"],
  ])("%s is refused", (pattern, problem) => {
    expect(() => by(pattern, ["A/1.png"])).toThrow(`classPattern is ${JSON.stringify(pattern)}: ${problem}`);
  });
});
