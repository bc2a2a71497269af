import { describe, expect, it } from "vitest";
import { isLoopback } from "../../src/serve/guard.ts";
import { appWith, ask, pictures, send } from "./server.ts";

const picture = pictures[0]!;
const predict = (headers: Readonly<Record<string, string>>): RequestInit => {
  const init = send(picture);
  return { ...init, headers: { ...(init.headers as object), ...headers } };
};

describe("a server on loopback", () => {
  const { app } = appWith();

  it.each(["localhost", "LOCALHOST:8000", "127.0.0.1:1", "127.1.2.3", "[::1]", "[::1]:65535"])(
    "answers to the name %s",
    async (Host) => {
      expect((await ask(app, "/healthz", { headers: { Host } })).status).toBe(200);
    },
  );

  it.each([
    "",
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example/localhost",
    "localhost@evil.example",
    "localhost:8000:1",
    "0.0.0.0:8000",
    "192.168.0.1",
    "[::]",
    "::1",
  ])("does not answer to %j, to which a page may make its own name resolve", async (Host) => {
    for (const path of ["/", "/healthz", "/v1/models", "/openapi.json", "/metrics", "/nothing"]) {
      const { status, json } = await ask(app, path, { headers: { Host } });
      expect([status, json.error.code]).toEqual([403, "FORBIDDEN"]);
    }
    expect((await ask(app, "/v1/predict", predict({ Host }))).status).toBe(403);
  });

  it("answers its own page", async () => {
    for (const Host of ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
      expect((await ask(app, "/v1/predict", predict({ Host, Origin: `http://${Host}` }))).status).toBe(200);
  });

  it.each([
    "https://evil.example",
    "http://localhost:9000",
    "http://localhost",
    "null",
    "",
    "file://",
    "localhost:8000",
  ])("does not answer a page of %j", async (Origin) => {
    const { status, json } = await ask(app, "/v1/predict", predict({ Host: "localhost:8000", Origin }));
    expect([status, json.error.code]).toEqual([403, "FORBIDDEN"]);
    const preflight = await ask(app, "/v1/predict", { method: "OPTIONS", headers: { Origin } });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([403, null]);
  });

  it("lets no other site read or guess its answers", async () => {
    for (const path of ["/", "/healthz", "/v1/models", "/nothing"]) {
      const { headers } = await app.request(path, { headers: { Host: "localhost" } });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });
});

describe("a server with a token", () => {
  const token = "correct-horse-battery";
  const { app } = appWith({ token, loopback: false });
  const Host = "models.example:8000";

  it.each([
    {},
    { Authorization: "" },
    { Authorization: "Bearer" },
    { Authorization: "Bearer wrong-horse-battery" },
    { Authorization: `Bearer ${token}x` },
    { Authorization: `Bearer ${token.slice(0, -1)}` },
    { Authorization: `Basic ${token}` },
    { Authorization: token },
    { Authorization: `Bearer ${token} ${token}` },
  ])("refuses %j", async (headers) => {
    for (const [path, init] of [
      ["/v1/models", { headers: { Host, ...headers } }],
      ["/metrics", { headers: { Host, ...headers } }],
      ["/v1/predict", predict({ Host, ...headers })],
      ["/v1/models/first/predict", predict({ Host, ...headers })],
      ["/v1/nothing", { headers: { Host, ...headers } }],
    ] as const) {
      const { status, json, headers } = await ask(app, path, init);
      expect([status, json.error.code]).toEqual([401, "UNAUTHORIZED"]);
      expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(JSON.stringify(json)).not.toContain(token);
    }
  });

  it("answers whoever has it, under any name of the server", async () => {
    for (const scheme of ["Bearer", "bearer"]) {
      const Authorization = `${scheme} ${token}`;
      expect((await ask(app, "/v1/models", { headers: { Host, Authorization } })).status).toBe(200);
      expect((await ask(app, "/v1/predict", predict({ Host, Authorization }))).status).toBe(200);
    }
  });

  it("says nothing of the models without it", async () => {
    for (const path of ["/", "/healthz", "/openapi.json"]) {
      const response = await app.request(path, { headers: { Host } });
      expect(response.status).toBe(200);
      expect(/"first"|weightsSha256":"/.test(await response.text())).toBe(false);
    }
  });
});

describe("isLoopback", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.255.0.1", true],
    ["::1", true],
    ["localhost", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.1.2", false],
    ["localhost.example", false],
    ["::ffff:127.0.0.1", false],
  ])("of %s is %j", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
