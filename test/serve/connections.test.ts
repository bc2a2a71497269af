import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { type ListenOptions, listen } from "../../src/serve/node/listen.ts";
import { appWith } from "./server.ts";

/** A client that neither reads nor ends its side until the test does, with a server of its own. */
async function withClient(
  options: Partial<ListenOptions>,
  test: (client: Socket, stop: () => Promise<number>) => Promise<void>,
): Promise<void> {
  const fetch = () => new Response("ok");
  // The limits are long, so that a test which waits for them fails.
  const server = await listen({ fetch, host: "127.0.0.1", port: 0, seconds: 600, ...options });
  const client = connect({ port: Number(new URL(server.url).port), host: "127.0.0.1", allowHalfOpen: true });
  client.on("error", () => {});
  try {
    await test(client, server.stop);
  } finally {
    client.destroy();
  }
}

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

it("ends a connection with what is not a request, also if the client does not", () =>
  withClient({}, async (client, stop) => {
    client.write("HELLO\r\n\r\n");
    await until(() => client.bytesRead > 0);
    expect(await stop()).toBe(0);
  }));

it("ends a connection on which nothing moves", () => {
  let asked = 0;
  const fetch = () => {
    asked++;
    return new Response(new Uint8Array(2 ** 25));
  };
  return withClient({ fetch, silence: 0.05 }, async (client, stop) => {
    client.pause();
    client.write(GET);
    await until(() => asked > 0);
    expect(await stop()).toBe(1);
  });
});

it("answers no more than a few requests that a client sends at once", () => {
  let asked = 0;
  const fetch = async () => {
    asked++;
    return new Response("ok");
  };
  return withClient({ fetch }, async (client) => {
    client.write(GET.repeat(1000));
    await new Promise((resolve) => client.on("end", resolve).on("close", resolve).resume());
    expect(asked).toBe(16);
  });
});

it("takes a client that leaves while it sends for no fault of the server", () => {
  const { app, onError } = appWith();
  const statuses: number[] = [];
  const fetch = async (request: Request) => {
    const response = await app.fetch(request);
    statuses.push(response.status);
    return response;
  };
  return withClient({ fetch }, async (client, stop) => {
    client.write("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nxxx");
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.destroy();
    await until(() => statuses.length > 0);
    expect(statuses).toEqual([400]);
    expect(onError).not.toHaveBeenCalled();
    await stop();
  });
});
