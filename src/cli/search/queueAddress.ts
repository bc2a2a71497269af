import { InklingError } from "../../base/error.ts";

/** The address of a queue: the one that is given, or that of INKLING_QUEUE, which other users of the machine do not see. */
export function queueAddress(given: string | true | undefined): string {
  const address = typeof given === "string" ? given : process.env["INKLING_QUEUE"];
  if (address) return address;
  throw new InklingError(
    "INVALID_ARGUMENT",
    "the address of the queue is missing; specify one, such as redis://localhost, or set INKLING_QUEUE",
  );
}
