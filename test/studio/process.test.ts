import { afterAll, expect, it } from "vitest";
import { browserCommand } from "../../src/cli/studio/openBrowser.ts";
import { finish, Inkling } from "../cli/inkling.ts";

const inkling = new Inkling();
afterAll(() => inkling.remove());

it("inkling studio prints a link with a token, answers who has it, and ends with Ctrl-C", async () => {
  const child = inkling.start(["studio", "--no-open"]);
  const finished = finish(child);
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once("data", (chunk) => resolve(String(chunk)));
    void finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  const [, url, token] = /^The studio is at (http:\/\/127\.0\.0\.1:\d+\/)#token=(\S+)\n$/.exec(line)!;
  expect(await (await fetch(url!)).text()).toContain("data-server");
  const call = (headers: Readonly<Record<string, string>>) => fetch(`${url}calls/stop`, { method: "POST", headers });
  expect((await call({})).status).toBe(401);
  expect((await call({ Authorization: `Bearer ${token}` })).status).not.toBe(401);
  child.kill("SIGINT");
  const { code, stderr } = await finished;
  expect([code, stderr]).toEqual([130, expect.stringMatching(/the studio was stopped\n$/)]);
});

it("a browser is opened by the program of the system, without a shell", () => {
  const address = "http://127.0.0.1:1/#code=a&b";
  expect(browserCommand("linux", address)).toEqual(["xdg-open", address]);
  expect(browserCommand("darwin", address)).toEqual(["open", address]);
  expect(browserCommand("win32", address)).toEqual(["rundll32", "url.dll,FileProtocolHandler", address]);
});
