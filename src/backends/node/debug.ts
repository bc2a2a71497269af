import { debugBackend } from "../debug/debugBackend.ts";
import { wrapBackends } from "../index.ts";

/** Makes back ends print debug output to stderr, at the level given by INKLING_DEBUG: 1 (plan) … 5 (IR). */
export function debugFromEnvironment(): void {
  const level = Number(process.env["INKLING_DEBUG"] ?? 0);
  if (!(level >= 1)) return;
  const write = (text: string) => process.stderr.write(`${text}\n`);
  const ends: (() => void)[] = [];
  process.once("exit", () => {
    for (const end of ends) end();
  });
  wrapBackends((inner) => debugBackend(inner, { level, write, atEnd: (end) => ends.push(end) }));
}
