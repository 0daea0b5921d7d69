import assert from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020";

interface Route {
  readonly path: string;
  readonly method: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
}

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a client that knows the document only has no types
  readonly body: any;
}

interface Asked {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * A client that knows nothing but the OpenAPI document: where each operation is, and what it answers, it reads there. What is
 * answered otherwise than the document says fails.
 */
export class DocumentClient {
  readonly #address: () => string;
  readonly #token: string;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #ajv: Ajv2020;
  readonly #checks = new Map<object, ValidateFunction>();

  private constructor(address: () => string, token: string, document: Readonly<Record<string, unknown>>) {
    this.#address = address;
    this.#token = token;
    const paths = document["paths"] as Readonly<
      Record<string, Readonly<Record<string, Route & { operationId: string }>>>
    >;
    this.#routes = new Map(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, route]) => [route.operationId, { ...route, path, method }] as const),
      ),
    );
    this.#ajv = new Ajv2020({ strict: false, validateFormats: false });
    this.#ajv.addSchema({ ...document, $id: DOCUMENT });
  }

  /** @param address Where the service is now; it may come back elsewhere. */
  static async open(address: () => string, token: string): Promise<DocumentClient> {
    const response = await fetch(`${address()}/openapi.json`);
    return new DocumentClient(address, token, (await response.json()) as Readonly<Record<string, unknown>>);
  }

  async call(operationId: string, asked: Asked = {}): Promise<Answer> {
    const response = await this.#fetch(operationId, asked, "application/json");
    const text = await response.text();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    this.#check(operationId, response, body);
    return { status: response.status, location: response.headers.get("location") ?? undefined, body };
  }

  /** A stream that the document calls `text/event-stream`, as it comes. */
  async stream(operationId: string, asked: Asked): Promise<Response> {
    const { responses } = this.#route(operationId);
    assert.ok(responses["200"]?.content?.["text/event-stream"], `${operationId} is a stream`);
    return await this.#fetch(operationId, asked, "text/event-stream");
  }

  async #fetch(operationId: string, { path = {}, query, headers, body }: Asked, accept: string): Promise<Response> {
    const route = this.#route(operationId);
    const where = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
    const search = query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
    return await fetch(`${this.#address()}${where}${search}`, {
      method: route.method.toUpperCase(),
      headers: {
        ...{ authorization: `Bearer ${this.#token}`, accept },
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  #check(operationId: string, response: Response, body: unknown): void {
    const { responses } = this.#route(operationId);
    const described = responses[String(response.status)] ?? responses["default"];
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const schema = described?.content?.[type]?.schema;
    assert.ok(schema, `${operationId}: ${response.status} ${type} is in the document: ${JSON.stringify(body)}`);
    const check = this.#checks.get(schema) ?? this.#ajv.compile(within(schema) as object);
    this.#checks.set(schema, check);
    assert.ok(check(body), `${operationId}: ${this.#ajv.errorsText(check.errors)}`);
  }

  #route(operationId: string): Route {
    const route = this.#routes.get(operationId);
    assert.ok(route, `the document has no operation '${operationId}'`);
    return route;
  }
}

const DOCUMENT = "http://localhost/openapi.json";

/** A schema whose references lead into the document. */
function within(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(within);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "$ref" && typeof value === "string" ? `${DOCUMENT}${value}` : within(value),
    ]),
  );
}
