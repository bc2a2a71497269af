/** What only tests of an op need. */
const properties = new Set(["reference", "samples", "rejects", "draw"]);

/**
 * Leaves out what only tests need from the records that `defineOp` takes, which are a third of them: nothing in a page tests
 * ops.
 *
 * @type {import("rolldown").Plugin}
 */
export const withoutOpTests = {
  name: "without-op-tests",
  transform: {
    filter: { id: /\/ops\/\w+\.[jt]s$/ },
    handler(code, id) {
      let rest = code;
      for (const record of recordsIn(this.parse(code, { lang: id.endsWith(".ts") ? "ts" : "js" })).reverse())
        for (const [k, { key, start }] of [...record.properties.entries()].reverse()) {
          const end = record.properties[k + 1]?.start ?? record.end - 1;
          if (properties.has(key.name)) rest = rest.slice(0, start) + rest.slice(end);
        }
      return rest;
    },
  },
};

/** The records of `export const NAME = defineOp()({…})`, in their order. */
const recordsIn = ({ body }) =>
  body
    .flatMap(({ declaration }) => declaration?.declarations ?? [])
    .filter(({ init }) => init?.callee?.callee?.name === "defineOp")
    .map(({ init }) => init.arguments[0]);
