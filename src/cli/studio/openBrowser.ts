import { spawn } from "node:child_process";
import process from "node:process";

/** What opens an address in the user's browser, and the arguments before the address. */
const programs: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...args: string[]]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** The command of a system that opens an address in the user's browser. No shell reads the address. */
export const browserCommand = (platform: NodeJS.Platform, address: string): readonly [string, ...string[]] => [
  ...(programs[platform] ?? (["xdg-open"] as const)),
  address,
];

/** Opens an address in the user's browser. Resolves to whether there is a program for that. */
export function openBrowser(address: string): Promise<boolean> {
  const [program, ...args] = browserCommand(process.platform, address);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
