import { Option } from "commander";
import { commandLine } from "../../base/commandLine.ts";
import type { StudyTraining } from "../../search/node/studyFolder.ts";
import { valueAt } from "../../training/differences.ts";
import { isOption } from "../../training/recipes/recipe.ts";
import { trainingOptions } from "../../training/schema.ts";
import type { Parameters } from "../../training/space/parameter.ts";
import { programsOf } from "../loadRecipe.ts";

/** What the present command says that other commands about its study have to say as well. */
export interface Given {
  /** Modules of extensions. */
  readonly load?: readonly string[] | undefined;
  /** Where the data are now, if they have moved. */
  readonly source?: string | undefined;
  /** The address of a queue, or that the environment has it. */
  readonly queue?: string | true | undefined;
}

/** Commands about a study, as a shell takes them. */
export class StudyCommands {
  readonly #path: string;
  readonly #training: StudyTraining;
  readonly #given: Given;

  constructor(path: string, training: StudyTraining, given: Given) {
    this.#path = path;
    this.#training = training;
    this.#given = given;
  }

  /** Goes on with the study. */
  resume(...more: readonly string[]): string {
    return this.#search("--resume", ...this.#queue(), ...more);
  }

  /** Checks the study. */
  get verify(): string {
    return this.#search("--verify");
  }

  /** Trains with the parameters of a trial. */
  train(parameters: Parameters, steps: number): string {
    const { recipe, origin, overrides } = this.#training;
    const { load = [], source = String(origin["source"]) } = this.#given;
    const own = Object.entries(parameters).filter(([name]) => !isOption(name));
    const {
      epochs: _,
      parameters: set,
      ...given
    } = overrides as { readonly epochs?: unknown; readonly parameters?: object };
    const options = Object.fromEntries(Object.entries(parameters).filter(([name]) => isOption(name)));
    const values: Readonly<Record<string, unknown>> = { ...origin, ...given, ...options, recipe, steps };
    const flags = trainingOptions.flatMap(({ path, flag, type }) => {
      const value = valueAt(values, path);
      if (value === undefined || value === false || path === "parameters") return [];
      const name = new Option(flag).long!;
      if (type === "flag") return [name];
      if (type === "texts") return (value as readonly string[]).flatMap((text) => [name, text]);
      return [name, shown(value, type)];
    });
    const sets = Object.entries({ ...set, ...Object.fromEntries(own) }).map(([name, value]) => `${name}=${value}`);
    const modules = load.filter((module) => module !== recipe); // which --recipe names already
    return commandLine([
      ...["inkling", "train", source, ...flags],
      ...sets.flatMap((text) => ["--set", text]),
      ...modules.flatMap((module) => ["--load", module]),
    ]);
  }

  /** A search that names the recipe of its study if that is a program, as it has to. */
  #search(option: "--resume" | "--verify", ...more: readonly string[]): string {
    const { load = [], source } = this.#given;
    const modules = new Set([...programsOf(this.#training.recipe), ...load]);
    return commandLine([
      ...["inkling", "search", ...(source === undefined ? [] : [source]), option, this.#path],
      ...[...modules].flatMap((module) => ["--load", module]),
      ...more,
    ]);
  }

  /** The queue; an address with a password is left to the environment. */
  #queue(): readonly string[] {
    const { queue } = this.#given;
    if (queue === undefined) return [];
    const hasPassword = queue !== true && /[@?]/.test(queue);
    return queue === true || hasPassword ? ["--queue"] : ["--queue", queue];
  }
}

/** A value as the command line has it. */
function shown(value: unknown, type: string): string {
  if (type === "imageSize") return (value as readonly number[]).join("x");
  if (type === "range") return (value as readonly number[]).join("..");
  if (typeof value === "object" && !Array.isArray(value))
    return Object.entries(value as object)
      .map(([name, x]) => `${name}=${x}`)
      .join();
  return String(value);
}
