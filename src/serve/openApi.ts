import { VERSION } from "../base/formatVersion.ts";
import type { Limits } from "./body.ts";
import { problemCodes } from "./problem.ts";
import { queryParameters } from "./query.ts";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ "application/json": { schema } });
const text = { type: "string" };
const object = (properties: Readonly<Record<string, object>>, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const list = (items: object) => ({ type: "array", items });
const probability = { type: "number", minimum: 0, maximum: 1 };
const whole = { type: "integer", minimum: 1 };

const schemas = {
  Error: object({ error: object({ code: { type: "string", enum: problemCodes }, message: text }) }),
  Answer: object(
    {
      formatVersion: whole,
      model: text,
      answers: object({
        threshold: probability,
        coverage: probability,
        accuracy: probability,
        target: probability,
        risk: probability,
      }),
      sets: object({
        method: { type: "string", enum: ["lac", "aps"] },
        coverage: probability,
        score: { type: "number" },
      }),
      pictures: list(ref("Picture")),
      unreadable: list(object({ name: text, reason: text })),
      seconds: { type: "number", minimum: 0 },
    },
    ["formatVersion", "model", "pictures", "unreadable", "seconds"],
  ),
  Picture: object(
    {
      name: text,
      label: { ...text, description: "the most probable class" },
      probability,
      blank: { const: true, description: "the picture shows nothing, so that the prediction means nothing" },
      answered: {
        type: "boolean",
        description: "with a target accuracy: whether the model is certain enough to answer",
      },
      set: {
        ...list(text),
        description: "with a coverage: the classes that the picture may show, most probable first",
      },
      ranking: list(object({ label: text, probability })),
      steps: { ...list(text), description: "how the picture was prepared, if explain is true" },
    },
    ["name", "label", "probability", "ranking"],
  ),
  Models: object({
    formatVersion: whole,
    models: list(
      object({
        name: text,
        classes: list(text),
        input: object({ height: whole, width: whole, channels: whole }),
        weightsSha256: text,
      }),
    ),
  }),
  Pictures: object({
    pictures: {
      ...list({
        anyOf: [
          { type: "string", contentEncoding: "base64" },
          object({ name: text, data: { type: "string", contentEncoding: "base64" } }, ["data"]),
        ],
      }),
      minItems: 1,
    },
  }),
};

/** The responses of a route: what it answers, and errors by status. */
const responses = (description: string, content: object, errors: Readonly<Record<number, string>> = {}) => ({
  200: { description, content },
  ...Object.fromEntries(
    Object.entries(errors).map(([status, problem]) => [status, { description: problem, content: json(ref("Error")) }]),
  ),
});

const unauthorized = { 401: "the token is missing or wrong" };

const predictErrors = (limits: Limits, byPath: boolean) => ({
  400: `a parameter or the body is invalid${byPath ? "" : ", or one of several models must be named"}`,
  404: "there is no such model",
  408: `the body did not arrive within ${limits.seconds} s`,
  413: `more than ${limits.bodyBytes} bytes or ${limits.pictures} pictures`,
  415: "the type of the body is not supported",
  422: "no picture could be read",
  429: `${limits.requests} requests are in progress; Retry-After says when to try again`,
  503: "the server is too busy; Retry-After says when to try again",
});

function predictRoute(limits: Limits, needsToken: boolean, byPath: boolean) {
  const picture = { schema: { type: "string", format: "binary" } };
  const model = {
    name: "model",
    in: byPath ? "path" : "query",
    required: byPath,
    description: byPath ? "the name of the model" : "the name of the model; not needed if there is only one",
    schema: text,
  };
  const parameters = Object.entries(queryParameters).map(([name, { description, schema }]) => {
    return { name, in: "query", required: false, description, schema };
  });
  return {
    post: {
      operationId: byPath ? "predictWith" : "predict",
      summary: "Classify pictures",
      parameters: [model, ...parameters],
      requestBody: {
        required: true,
        description: "a picture file, the files of a form, or picture files in base64",
        content: {
          "image/*": picture,
          "application/octet-stream": picture,
          "multipart/form-data": {
            schema: { type: "object", additionalProperties: list({ type: "string", format: "binary" }) },
          },
          ...json(ref("Pictures")),
        },
      },
      responses: responses("the answers, as inkling predict --json gives them", json(ref("Answer")), {
        ...predictErrors(limits, byPath),
        ...(needsToken && unauthorized),
      }),
    },
  };
}

/** The description of the API by OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.0. */
export function openApi(needsToken: boolean, limits: Limits) {
  const errors = needsToken ? unauthorized : {};
  const get = (operationId: string, summary: string, content: object, open = false) => ({
    get: {
      operationId,
      summary,
      ...(open && needsToken && { security: [] }),
      responses: responses(summary, content, open ? {} : errors),
    },
  });
  return {
    openapi: "3.1.0",
    info: {
      title: "Inkling",
      version: VERSION,
      description: "Classifies pictures with trained models. Every error is an object with its code and message.",
    },
    ...(needsToken && { security: [{ token: [] }] }),
    paths: {
      "/v1/predict": predictRoute(limits, needsToken, false),
      "/v1/models/{model}/predict": predictRoute(limits, needsToken, true),
      "/v1/models": get("models", "The models with their classes", json(ref("Models"))),
      "/healthz": get("health", "Whether the server is up", json(object({ status: { const: "ok" } })), true),
      "/metrics": get("metrics", "Metrics for Prometheus", { "text/plain": { schema: text } }),
      "/openapi.json": get("openApi", "This description", json({ type: "object" }), true),
      "/": get("page", "A page to try the models", { "text/html": { schema: text } }, true),
    },
    components: {
      schemas,
      ...(needsToken && { securitySchemes: { token: { type: "http", scheme: "bearer" } } }),
    },
  };
}
