import { expect, it } from "vitest";
import { fileSystemError, machineError } from "../../src/base/node/systemError.ts";

const failure = (message: string, more: object = {}) => Object.assign(new Error(message), more);

it.each([
  ["handles", failure("EMFILE: too many open files, open 'x'", { code: "EMFILE" }), "too many files open"],
  ["processes", failure("spawn gcc EAGAIN", { code: "EAGAIN" }), "no further process or thread may be started"],
  ["threads", failure("Worker", { code: "ERR_WORKER_INIT_FAILED" }), "no further process or thread may be started"],
  ["memory", failure("spawn gcc ENOMEM", { code: "ENOMEM" }), "there is not enough memory"],
  ["memory for an array", new RangeError("Array buffer allocation failed"), "there is not enough memory"],
  ["memory for a network", new RangeError("WebAssembly.Memory(): could not allocate memory"), "there is not enough"],
  [
    "memory for code",
    new RangeError("WebAssembly.Instance(): Out of memory: wasm memory"),
    "there is not enough memory",
  ],
])("a machine that has no more %s says so, and what to do", (_, error, why) => {
  expect(machineError(error)).toMatchObject({ code: "UNSUPPORTED", message: expect.stringContaining(why) });
});

it.each([
  ["EIO", /x\/y cannot be written: the disk reports an error \(EIO\); check it/],
  ["EROFS", /x\/y cannot be written: x is on a file system that is read-only; choose another place/],
  ["EISDIR", /x\/y cannot be written: it is a folder; specify a file/],
  ["ENOENT", /x\/y cannot be written: the folder x does not exist or cannot be written to; create it/],
  ["EDQUOT", /x\/y cannot be written: this user's share of the disk is used up/],
])("an error %s of the file system names the path, the cause and what to do", (code, message) => {
  expect(fileSystemError("x/y", "written", failure("raw", { code })).message).toMatch(message);
});

it("what is not the machine's fault is not blamed on it", () => {
  for (const error of [new RangeError("Invalid typed array length: -1"), new TypeError("x is not a function"), "text"])
    expect(machineError(error)).toBe(undefined);
});
