import { spawn } from "node:child_process";
import process from "node:process";

/** What opens an address in the user's browser, and the arguments before the address. */
const programs: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...args: string[]]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens an address in the user's browser, without a shell. Resolves to whether there is a program for that. */
export function openBrowser(address: string): Promise<boolean> {
  const [program, ...args] = programs[process.platform] ?? ["xdg-open"];
  return new Promise((resolve) => {
    const child = spawn(program, [...args, address], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
