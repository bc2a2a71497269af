import { backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import type { FormName } from "../arguments.ts";
import { formOf, forms } from "../export/forms.ts";
import { describeProof, prove } from "../export/prove.ts";
import { openSubject } from "../export/subject.ts";
import { isFolder } from "../openModel.ts";
import { createTerminal, printSummary } from "../terminal.ts";
import "../../setUp.node.ts";

export interface VerifyCommandOptions {
  readonly form?: FormName;
  readonly weights?: WhichWeights;
  readonly backend: string;
  readonly json?: boolean;
}

/**
 * Runs an exported model and compares it with the model that it is from on the run's test images, and with the logits
 * that it carries. Throws `INVALID_DATA` if they differ by more than the form may.
 */
export async function verifyCommand(exported: string, path: string, options: VerifyCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const name = formOf(exported, "--form", options.form);
  const form = forms[name];
  const files = await form.read(exported);
  const on = backend(options.backend);
  const subject = await openSubject(path, on, options, terminal);
  try {
    const proof = await prove(form, files, subject, { on, terminal });
    terminal.out(`${exported} agrees with ${path}`);
    for (const line of describeProof(proof)) terminal.out(line);
    if (!options.json) return;
    printSummary({ exported, form: name, model: path, ...proof });
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    const others = options.weights === "best" ? "last" : "best";
    const advice =
      error.code === "INVALID_DATA" && (await isFolder(path))
        ? `; if it was exported with other weights of the run, compare it with --weights ${others}`
        : "";
    throw new InklingError(error.code, `${exported}: ${error.message}${advice}`, { cause: error });
  }
}
