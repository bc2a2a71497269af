import type { Code, Kernels } from "../backends/backend.ts";
import { type Calls, Steps } from "./steps.ts";
import { Synchronization } from "./synchronization.ts";

/** A message from the thread of an engine to its other threads. */
export type Message =
  /** Loads an engine's code over its memory. */
  | ({ readonly type: "load" } & Assignment)
  /** Runs steps of a program, together with the other threads. */
  | { readonly type: "run"; readonly engine: number; readonly program: string; readonly steps: number }
  /** The engine no longer exists. */
  | { readonly type: "forget"; readonly engine: number };

/** A thread's share of an engine. */
export interface Assignment {
  readonly engine: number;
  readonly backend: string;
  readonly code: Code;
  readonly memory: WebAssembly.Memory;
  readonly programs: ReadonlyMap<string, Calls>;
  readonly arena: number;
  readonly crowded: boolean;
  readonly synchronization: SharedArrayBuffer;
}

/** A thread's answer: that a message was handled, or the error. */
export interface Answer {
  readonly error?: string;
}

/** The functions that load the code of back ends, by the name of the back end. */
export type Loaders = Readonly<Record<string, (code: Code, memory: WebAssembly.Memory) => Promise<Kernels>>>;

interface Engine {
  readonly programs: ReadonlyMap<string, Steps>;
  readonly synchronization: Synchronization;
}

/** The message handler of a thread. It handles messages one at a time, in order. */
export function worker(loaders: Loaders): (message: Message) => Promise<Answer> {
  const engines = new Map<number, Engine>();
  const load = async (a: Assignment): Promise<Engine> => {
    const kernels = await loaders[a.backend]!(a.code, a.memory);
    return {
      programs: new Map([...a.programs].map(([name, calls]) => [name, new Steps(calls, kernels, a.arena)])),
      synchronization: new Synchronization(a.crowded, a.synchronization),
    };
  };
  const handle = async (message: Message): Promise<Answer> => {
    try {
      switch (message.type) {
        case "load":
          engines.set(message.engine, await load(message));
          break;
        case "run": {
          const { programs, synchronization } = engines.get(message.engine)!;
          programs.get(message.program)!.runTogether(message.steps, synchronization);
          break;
        }
        case "forget":
          engines.delete(message.engine);
      }
      return {};
    } catch (error) {
      return { error: String(error) };
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  return (message) => {
    const answer = last.then(() => handle(message));
    last = answer;
    return answer;
  };
}
