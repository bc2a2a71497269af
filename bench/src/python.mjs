import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const inBench = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The Python of the peers, which `npm --prefix bench run peers:install` sets up. */
export const python = inBench(".venv/bin/python");

export const hasPython = () => existsSync(python);

/** A program of the peers. */
export const script = (/** @type {string} */ name) => inBench(`peers/${name}`);
