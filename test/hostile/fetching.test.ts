import { expect, it } from "vitest";
import { checkFetching } from "../../src/cli/openRunData.ts";

it("an address that a run names is fetched only when that is allowed", async () => {
  const source = "https://127.0.0.1:1/data.tar.gz";
  await expect(checkFetching({ source })).rejects.toThrow(
    "the run names https://127.0.0.1:1/data.tar.gz, which is not",
  );
  await expect(checkFetching({ source: "letters", test: source })).rejects.toThrow("add --fetch to fetch it");
  await checkFetching({ source }, true);
  await checkFetching({ source: "letters" });
});
