import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ownMark, ownProcess, type ProcessId, stateOfMark } from "../../src/base/node/processId.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 6);

/** The mark that a process makes. */
const markOf = ({ pid, processStart, host, boot, space }: ProcessId): string =>
  `${pid}-${[processStart, host, boot, space].map(digest).join("")}-${randomBytes(4).toString("hex")}`;

describe("marks of processes", () => {
  it("tell this process from those that had its id before, on other machines and in other containers", async () => {
    const own = await ownProcess();
    expect(await stateOfMark(await ownMark())).toBe("running");
    expect(await stateOfMark(markOf(own))).toBe("running");
    if (own.boot === "" || own.space === "") return; // not Linux
    expect(await stateOfMark(markOf({ ...own, processStart: "earlier" }))).toBe("ended");
    expect(await stateOfMark(markOf({ ...own, boot: "earlier" }))).toBe("ended");
    expect(await stateOfMark(markOf({ ...own, host: "other", boot: "other" }))).toBe("elsewhere");
    expect(await stateOfMark(markOf({ ...own, space: "other" }))).toBe("elsewhere");
  });

  it("do not take a process for one that ended where it could not see its own start, or its machine's", async () => {
    const own = await ownProcess();
    for (const unknown of ["processStart", "boot", "space"] as const)
      expect(await stateOfMark(markOf({ ...own, [unknown]: "" })), unknown).toBe("running");
  });
});
