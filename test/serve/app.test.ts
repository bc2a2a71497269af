import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it, vi } from "vitest";
import { limitMemory, memoryLimit } from "../../src/base/memory.ts";
import { decodePicture } from "../../src/image/decode.ts";
import { loadDecoder } from "../../src/image/decoder.ts";
import { encodePng } from "../../src/image/encodePng.ts";
import { InklingError, setThresholdFor, type TrainedModel, thresholdFor } from "../../src/index.ts";
import { calibrated } from "../export/networks.ts";
import { appWith, ask, limits, modelWith, pictures, send } from "./server.ts";

const [picture] = pictures as [Buffer<ArrayBuffer>];
const two = () =>
  new Map([
    ["first", modelWith(1)],
    ["a/b ü", modelWith(2)],
  ]);

/** What the model itself answers for a picture. */
async function answerOf(model: TrainedModel, n: number) {
  return model.predict(decodePicture(await loadDecoder(), pictures[n]!));
}

describe("POST /v1/predict", () => {
  it("answers for the bytes of a picture as the model does", async () => {
    const { app } = appWith();
    const { status, json } = await ask(app, "/v1/predict", send(picture));
    expect(status).toBe(200);
    expect(json).toEqual({
      formatVersion: 1,
      model: "first",
      pictures: [{ name: "picture", ...(await answerOf(modelWith(1), 0)) }],
      unreadable: [],
      seconds: expect.any(Number),
    });
  });

  it.each(["image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded", "IMAGE/PNG; q=1"])(
    "takes a picture as %s, since its bytes say what it is",
    async (type) => {
      expect((await ask(appWith().app, "/v1/predict", send(picture, type))).status).toBe(200);
    },
  );

  it("answers for the files of a form, with their names, and for what cannot be read with the reason", async () => {
    const form = new FormData();
    form.append("a", new File([picture], "one.png"));
    form.append("note", "not a file");
    form.append("a", new File(["text"], "two.png"));
    form.append("b", new Blob([pictures[1]!]));
    const { app } = appWith();
    const { status, json } = await ask(app, "/v1/predict", { method: "POST", body: form });
    expect(status).toBe(200);
    expect(json.pictures.map(({ name, label }: { name: string; label: string }) => [name, label])).toEqual([
      ["one.png", (await answerOf(modelWith(1), 0)).label],
      ["blob", (await answerOf(modelWith(1), 1)).label],
    ]);
    expect(json.unreadable).toEqual([{ name: "two.png", reason: expect.stringMatching(/not a PNG/) }]);
  });

  it("survives an answer that fails while the request's other pictures are decoded", async () => {
    const failing = modelWith(1);
    failing.predictBatch = () => Promise.reject(new InklingError("NOT_FINITE", "the logits are infinite"));
    const form = new FormData();
    for (const bytes of pictures.slice(0, 8)) form.append("a", new Blob([bytes]));
    const { app } = appWith({ models: new Map([["first", failing]]) });
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    try {
      const { status } = await ask(app, "/v1/predict", { method: "POST", body: form });
      expect(status).toBe(500);
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off("unhandledRejection", unhandled);
    }
  });

  it("answers for base64 in JSON, bare, as data URL, or with a name", async () => {
    const data = picture.toString("base64");
    const body = JSON.stringify({ pictures: [data, `data:image/png;base64,${data}`, { name: "x", data }, { data }] });
    const { json } = await ask(appWith().app, "/v1/predict", send(body, "application/json"));
    expect(json.pictures.map(({ name }: { name: string }) => name)).toEqual([
      "picture 1",
      "picture 2",
      "x",
      "picture 4",
    ]);
    expect(new Set(json.pictures.map(({ probability }: { probability: number }) => probability)).size).toBe(1);
  });

  it.each([
    ["{", "the body is not valid JSON"],
    ["[]", "the body"],
    ['{"pictures": "abc"}', "expected a list of pictures"],
    ['{"pictures": [1]}', "expected base64, or an object with name and data in base64"],
    ['{"pictures": [{"data": "", "size": 1}]}', "pictures.0"],
    ['{"pictures": ["QUJD!"]}', "picture 1 is not valid base64"],
    ['{"pictures": [{"name": "x", "data": "QUJ"}]}', "x is not valid base64"],
    [`{"pictures": "${"x".repeat(5000)}"}`, "…"],
  ])("refuses the JSON %s", async (body, message) => {
    const { status, json } = await ask(appWith().app, "/v1/predict", send(body, "application/json"));
    expect([status, json.error.code]).toEqual([400, "INVALID_ARGUMENT"]);
    expect(json.error.message).toContain(message);
    expect(json.error.message.length).toBeLessThan(500);
  });

  it("chooses a model by the query or the path", async () => {
    const { app } = appWith({ models: two() });
    const name = encodeURIComponent("a/b ü");
    const wanted = await answerOf(modelWith(2), 0);
    for (const path of [`/v1/predict?model=${name}`, `/v1/models/${name}/predict`]) {
      const { json } = await ask(app, path, send(picture));
      expect([json.model, json.pictures[0].probability]).toEqual(["a/b ü", wanted.probability]);
    }
    const none = await ask(app, "/v1/predict", send(picture));
    expect([none.status, none.json.error.message]).toEqual([400, "model is missing; expected one of first, a/b ü"]);
    for (const path of ["/v1/predict?model=second", "/v1/models/second/predict"]) {
      const { status, json } = await ask(app, path, send(picture));
      expect([status, json.error.code]).toEqual([404, "NOT_FOUND"]);
      expect(json.error.message).toBe('there is no model "second"; models are first, a/b ü');
    }
  });

  it("says where the model does not know, and which classes a picture may have", async () => {
    const trained = calibrated(modelWith(1));
    const { app } = appWith({ models: new Map([["first", trained]]) });
    const { json } = await ask(app, "/v1/predict?targetAccuracy=0.5&coverage=0.9&conformal=aps", send(picture));
    const { calibration } = trained;
    expect(json.answers).toEqual(thresholdFor(calibration!, 0.5));
    expect(json.sets).toEqual(setThresholdFor(calibration!, 0.9, "aps"));
    const [{ answered, set, probability, label }] = json.pictures;
    expect(answered).toBe(probability >= json.answers.threshold);
    expect(set[0]).toBe(label);
    for (const [query, message] of [
      ["coverage=0.999", "there are 60 validation images, but a coverage of 0.999 needs at least 999"],
      ["targetAccuracy=1", 'targetAccuracy is "1", expected a number between 0 and 1'],
      ["conformal=raps", 'conformal is "raps", expected lac or aps'],
    ]) {
      const refused = await ask(app, `/v1/predict?${query}`, send(picture));
      expect([refused.status, refused.json.error.code]).toEqual([400, "INVALID_ARGUMENT"]);
      expect(refused.json.error.message).toContain(message);
    }
    const without = await ask(appWith().app, "/v1/predict?coverage=0.9", send(picture));
    expect(without.json.error.message).toContain("the model has no calibration");
  });

  it("has the options of predict", async () => {
    const { app } = appWith();
    const { json } = await ask(
      app,
      "/v1/predict?top=1&explain=true&prepare=never&fit=stretch&margin=0.25",
      send(picture),
    );
    expect(json.pictures[0].ranking).toHaveLength(1);
    expect(json.pictures[0].steps).toContain("8 × 8 pixels");
    const inverted = await ask(app, "/v1/predict?prepare=always&polarity=invert&crop=false&center=box", send(picture));
    expect(inverted.status).toBe(200);
  });

  it.each([
    ["tops=1", '"tops" is not a parameter; parameters are model, top, explain'],
    ["__proto__=1", '"__proto__" is not a parameter'],
    ["constructor=1", '"constructor" is not a parameter'],
    ["top=0", 'top is "0", expected a whole number of at least 1'],
    ["top=1e3", 'top is "1e3"'],
    ["top=1&top=2", "top is given twice"],
    ["explain=yes", 'explain is "yes", expected true or false'],
    ["explain=toString", 'explain is "toString"'],
    ["fit=tight", 'fit is "tight", expected stretch or contain or cover'],
    ["margin=0.5", "margin"],
    ["margin=-1", 'margin is "-1", expected a number of at least 0 and below 0.5'],
  ])("refuses ?%s", async (query, message) => {
    const { status, json } = await ask(appWith().app, `/v1/predict?${query}`, send(picture));
    expect([status, json.error.code]).toEqual([400, "INVALID_ARGUMENT"]);
    expect(json.error.message).toContain(message);
  });

  it("marks a blank picture", async () => {
    const blank = Buffer.from(encodePng(new Uint8Array(64).fill(255), [8, 8, 1]));
    const { json } = await ask(appWith().app, "/v1/predict", send(blank));
    expect(json.pictures[0].blank).toBe(true);
  });

  it("predicts what arrives together in one call of the model, and gives everyone their own answer", async () => {
    const model = modelWith(1);
    const calls = vi.spyOn(model, "predictBatch");
    const { app } = appWith({ models: new Map([["first", model]]) });
    const answers = await Promise.all(pictures.map((bytes) => ask(app, "/v1/predict", send(bytes))));
    expect(calls.mock.calls.length).toBeLessThan(10);
    const reference = modelWith(1);
    for (const [n, { json }] of answers.entries())
      expect(json.pictures[0].ranking).toEqual((await answerOf(reference, n)).ranking);
    const metrics = await (await app.request("/metrics", { headers: { Host: "localhost" } })).text();
    expect(metrics).toContain('inkling_batch_pictures_sum{model="first"} 40\n');
  });

  it("answers the others of a batch where the model has no answer for one", async () => {
    const model = modelWith(1);
    const predictBatch = model.predictBatch.bind(model);
    vi.spyOn(model, "predictBatch").mockImplementation(async (images, options) => {
      if ((images as readonly Uint8Array[]).some((pixels) => pixels.every((value) => value === 0)))
        throw new InklingError("NOT_FINITE", "the model's logits are infinite or NaN");
      return predictBatch(images, options);
    });
    const { app, onError } = appWith({ models: new Map([["first", model]]) });
    const black = Buffer.from(encodePng(new Uint8Array(64), [8, 8, 1]));
    const answers = await Promise.all([picture, black, picture].map((body) => ask(app, "/v1/predict", send(body))));
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 200]);
    expect(answers[1]!.json.error.message).toMatch(/infinite or NaN/);
    expect(onError).toHaveBeenCalledTimes(1);
  });
});

describe("limits", () => {
  it("refuses a body that is too large, also one in pieces, without reading all of it", async () => {
    const { app } = appWith();
    const large = await ask(app, "/v1/predict", {
      ...send(Buffer.alloc(limits.bodyBytes + 1)),
      headers: { "Content-Length": String(limits.bodyBytes + 1), "Content-Type": "image/png" },
    });
    expect([large.status, large.json.error]).toEqual([
      413,
      { code: "TOO_LARGE", message: "the body has more than 100000 bytes" },
    ]);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(10_000));
        sent++;
      },
    });
    const { status } = await ask(app, "/v1/predict", { ...send(endless), duplex: "half" } as RequestInit);
    expect([status, sent < 20]).toEqual([413, true]);
  });

  it("refuses more pictures than allowed, and none", async () => {
    const { app } = appWith();
    const json = (n: number) => send(JSON.stringify({ pictures: Array(n).fill("") }), "application/json");
    const many = await ask(app, "/v1/predict", json(41));
    expect([many.status, many.json.error.message]).toEqual([
      413,
      "the request has 41 pictures, more than the limit of 40",
    ]);
    for (const init of [json(0), send(""), { method: "POST" }, { method: "POST", body: new FormData() }]) {
      const { status, json } = await ask(app, "/v1/predict", init);
      expect([status, json.error.message]).toEqual([400, "the request has no picture"]);
    }
  });

  it("tells requests beyond the queue when to try again, and takes others afterwards", async () => {
    const { app } = appWith({ limits: { ...limits, requests: 4 } });
    const answers = await Promise.all(pictures.slice(0, 10).map((bytes) => ask(app, "/v1/predict", send(bytes))));
    expect(answers.map(({ status }) => status)).toEqual([...Array(4).fill(200), ...Array(6).fill(429)]);
    expect(answers[9]!.headers.get("retry-after")).toBe("1");
    expect(answers[9]!.json.error.code).toBe("TOO_MANY_REQUESTS");
    expect((await ask(app, "/v1/predict", send(picture))).status).toBe(200);
  });

  it("counts the parts of a form before it parses them, and looks for the end of their heads", async () => {
    const { app } = appWith();
    const head = '--x\r\nContent-Disposition: form-data; name="a"\r\n';
    const form = (body: string) => ask(app, "/v1/predict", send(`${body}--x--\r\n`, "multipart/form-data; boundary=x"));
    const many = await form(`${head}\r\n\r\n`.repeat(1000));
    expect([many.status, many.json.error.message]).toEqual([413, "the form has more than 104 parts"]);
    const fields = await form(`${head}\r\n\r\n`.repeat(60));
    expect([fields.status, fields.json.error.message]).toEqual([400, "the request has no picture"]);
    const long = await form(`${head}${"x: y\r\n".repeat(4000)}\r\n\r\n`);
    expect([long.status, long.json.error.message]).toEqual([
      400,
      "the multipart form is damaged: the head of part 1 has no end",
    ]);
  });

  it("takes no more bodies at once than a share of the memory", async () => {
    const before = memoryLimit();
    limitMemory(2 ** 26);
    try {
      const { app } = appWith({ limits: { ...limits, bodyBytes: 2 ** 24 } });
      let end = () => {};
      const open = new ReadableStream({
        start(controller) {
          end = () => controller.close();
        },
      });
      const first = ask(app, "/v1/predict", { ...send(open), duplex: "half" } as RequestInit);
      expect((await ask(app, "/v1/predict", send(picture))).status).toBe(429);
      end();
      expect((await first).status).toBe(400);
      expect((await ask(app, "/v1/predict", send(picture))).status).toBe(200);
    } finally {
      limitMemory(before);
    }
  });

  it("decodes no further once an answer would come too late", async () => {
    const model = modelWith(1);
    const prepare = vi.spyOn(model, "prepare").mockImplementation((...args) => {
      const end = performance.now() + 20;
      while (performance.now() < end);
      return Object.getPrototypeOf(model).prepare.apply(model, args);
    });
    const { app } = appWith({ models: new Map([["first", model]]), limits: { ...limits, seconds: 0.1 } });
    const body = JSON.stringify({ pictures: pictures.map((bytes) => bytes.toString("base64")) });
    const { status } = await ask(app, "/v1/predict", send(body, "application/json"));
    expect(status).toBe(503);
    expect(prepare.mock.calls.length).toBeLessThan(10);
  });

  it("gives up on a body that does not arrive, and on an answer that would come too late", async () => {
    const { app } = appWith({ limits: { ...limits, seconds: 0.05 } });
    const stuck = new ReadableStream({ pull: () => new Promise<void>(() => {}) });
    const late = await ask(app, "/v1/predict", { ...send(stuck), duplex: "half" } as RequestInit);
    expect([late.status, late.json.error.code]).toEqual([408, "TIMEOUT"]);
    expect(late.headers.get("connection")).toBe("close");

    const slow = modelWith(1);
    const predictBatch = slow.predictBatch.bind(slow);
    vi.spyOn(slow, "predictBatch").mockImplementation(async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return predictBatch(...args);
    });
    const busy = appWith({ models: new Map([["first", slow]]), limits: { ...limits, seconds: 0.05 } }).app;
    const answers = await Promise.all(pictures.map((bytes) => ask(busy, "/v1/predict", send(bytes))));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(answers.find(({ status }) => status === 503)!.headers.get("retry-after")).toBe("1");
  });
});

describe("the other routes", () => {
  it("list the models", async () => {
    const { json } = await ask(appWith({ models: two() }).app, "/v1/models");
    expect(json.models).toEqual(
      ["first", "a/b ü"].map((name) => ({
        name,
        classes: ["A", "B", "C"],
        input: { height: 8, width: 8, channels: 1 },
        weightsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      })),
    );
  });

  it("say that the server is up", async () => {
    expect((await ask(appWith().app, "/healthz")).json).toEqual({ status: "ok" });
  });

  it("count in the text format of Prometheus", async () => {
    const name = 'a "quoted"\\\n';
    const { app } = appWith({ models: new Map([[name, modelWith(1)]]) });
    await ask(app, "/v1/predict", send(picture));
    await ask(app, "/v1/predict", send("text"));
    await ask(app, "/nothing/at/all");
    const response = await app.request("/metrics", { headers: { Host: "localhost" } });
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await response.text()).split("\n");
    const escaped = 'model="a \\"quoted\\"\\\\\\n"';
    for (const line of [
      'inkling_requests_total{path="/v1/predict",status="200"} 1',
      'inkling_requests_total{path="/v1/predict",status="422"} 1',
      'inkling_requests_total{path="/*",status="404"} 1',
      `inkling_pictures_total{${escaped},result="answered"} 1`,
      `inkling_batch_pictures_bucket{${escaped},le="+Inf"} 1`,
      'inkling_request_seconds_count{path="/v1/predict"} 2',
      "inkling_requests_in_progress 0",
      "# TYPE inkling_request_seconds histogram",
    ])
      expect(lines).toContain(line);
    const sample = /^[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? [\d.e+-]+$/;
    expect(lines.filter((line) => line !== "" && !line.startsWith("#") && !sample.test(line))).toEqual([]);
  });

  it("refuse other methods and paths", async () => {
    const { app } = appWith();
    const get = await ask(app, "/v1/predict");
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    const put = await ask(app, "/healthz", { method: "PUT" });
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    for (const path of ["/v1", "/v1/models/first", "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%", "//healthz"]) {
      const { status, json } = await ask(app, path);
      expect([status, json.error.code]).toEqual([404, "NOT_FOUND"]);
    }
    const head = await app.request("/healthz", { method: "HEAD", headers: { Host: "localhost" } });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("keep the reason of a fault to the server's own output", async () => {
    const model = modelWith(1);
    vi.spyOn(model, "predictBatch").mockRejectedValue(new Error("secret/path"));
    const { app, onError } = appWith({ models: new Map([["first", model]]) });
    const { status, json } = await ask(app, "/v1/predict", send(picture));
    expect([status, json.error.code]).toEqual([500, "INTERNAL"]);
    expect(JSON.stringify(json)).not.toContain("secret");
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ message: "secret/path" }));
  });
});

describe("openapi.json", () => {
  it.each([undefined, "0123456789abcdef"])("is a valid description (token: %s)", async (token) => {
    const { json } = await ask(appWith({ token }).app, "/openapi.json");
    expect(await new Validator().validate(json)).toEqual({ valid: true });
  });

  it("describes all routes and what they answer", async () => {
    const { app } = appWith();
    const { json: description } = await ask(app, "/openapi.json");
    const paths = new Set(
      app.routes.map(({ path }) => path.replace(":model", "{model}")).filter((path) => path !== "/*"),
    );
    expect(Object.keys(description.paths).sort()).toEqual([...paths].sort());

    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema(description, "api");
    const errorsOf = (name: string, value: unknown) => {
      const validate = ajv.getSchema(`api#/components/schemas/${name}`)!;
      return validate(value) ? [] : validate.errors;
    };
    const form = new FormData();
    for (const body of [picture, Buffer.from("text")]) form.append("picture", new Blob([body]));
    for (const query of ["", "?explain=true&top=2"])
      expect(errorsOf("Answer", (await ask(app, `/v1/predict${query}`, { method: "POST", body: form })).json)).toEqual(
        [],
      );
    expect(errorsOf("Models", (await ask(app, "/v1/models")).json)).toEqual([]);
    expect(errorsOf("Error", (await ask(app, "/nothing")).json)).toEqual([]);
    expect(errorsOf("Answer", { model: 1 })).not.toEqual([]);
  });
});
