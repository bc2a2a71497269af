/** A test for any runner: `test(name, run)` in vitest and `node:test` alike. */
export interface Test {
  readonly name: string;
  /** Throws an `Error` that says what is wrong, where, and what was expected. */
  readonly run: () => void | Promise<void>;
}

/** A record with some settings, and how it is looked up and registered. */
interface Tested {
  /** Part of the names of tests, so that those of two settings of one type differ. */
  readonly settings: { readonly type: string };
  /** Throws where the type is not known. */
  readonly find: () => unknown;
  /** The name of the function that makes it known. */
  readonly register: string;
}

/** The tests of a record with some settings; where it is not registered, each fails saying so. */
export const testsOf = ({ settings, find, register }: Tested, tests: readonly Test[]): readonly Test[] =>
  tests.map(({ name, run }) => ({
    name: `${name}: ${JSON.stringify(settings)}`,
    run() {
      try {
        find();
      } catch (cause) {
        throw new Error(`${settings.type} is not registered: call ${register} first`, { cause });
      }
      return run();
    },
  }));

/** Throws unless `act` throws an `InklingError` with this message. */
export function checkRefused(act: () => unknown, message: string | RegExp): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  const expected = `expected an InklingError: ${message}`;
  if (thrown === undefined) throw new Error(`nothing was thrown; ${expected}`);
  const { name, message: got } = thrown as Error;
  const fits = typeof message === "string" ? got === message : message.test(got);
  if (name !== "InklingError" || !fits) throw new Error(`${name} was thrown: ${got}; ${expected}`, { cause: thrown });
}

/** Throws unless plain data is unchanged by writing it as JSON and parsing it. */
export function checkJson<T>(data: T, parse: (written: T) => unknown): void {
  const json = JSON.stringify(data);
  const read = JSON.stringify(parse(JSON.parse(json)));
  if (read !== json) throw new Error(`parsing the JSON ${json} gives ${read}`);
}
