import { setTimeout as pauseMs } from "node:timers/promises";
import { GroundworkError } from "../config/groundworkError";
import type { RecordedEvent } from "./runs/eventLog";
import type { FleetRunBody, FleetRunRequestBody } from "./api/fleetSchemas";
import type { HistoryBody, OperationBody, ProblemBody, RunRequestBody, StackBody } from "./api/schemas";
import { messagesOf } from "./eventStream";

export type { FleetRunBody, FleetRunRequestBody } from "./api/fleetSchemas";
export type { HistoryBody, OperationBody, ProblemBody, RunRequestBody, StackBody } from "./api/schemas";
export type { RecordedEvent } from "./runs/eventLog";

export interface ServiceClientOptions {
  /** @example "https://groundwork.example.com" */
  readonly address: string;
  /**
   * What `groundwork serve token create` printed; or what gives a token of an issuer that the service trusts, asked before each request,
   * since those are short-lived.
   */
  readonly token: string | (() => string | PromiseLike<string>);
  /**
   * How long a stream of events that broke is taken up again before its failure is thrown, in seconds.
   *
   * @default 60
   */
  readonly reconnectSeconds?: number;
}

/** What a request takes that begins something. */
export interface BeginOptions {
  /** The same request with the same key is done once. */
  readonly idempotencyKey?: string;
}

/** What the service answered in place of what was asked for; `code` is the end of the problem's type. */
export class ServiceError extends GroundworkError<string> {
  override readonly name = "ServiceError";
  readonly problem: ProblemBody;

  constructor(problem: ProblemBody) {
    const { type, detail, remedy, problems } = problem;
    super(type.split(":").at(-1) ?? "", detail, { remedy, problems });
    this.problem = problem;
  }
}

/**
 * A client of `groundwork serve`, typed by the schemas that the service holds requests to.
 *
 * @example
 * ```ts
 * const service = new ServiceClient({ address: "http://127.0.0.1:8411", token });
 * const { id } = await service.preview("dev");
 * const preview = await service.ended(id);
 * if (preview.state === "succeeded") {
 *   const run = await service.approve(id, { message: "reviewed" });
 *   for await (const event of service.events(run.id)) console.log(event);
 * }
 * ```
 */
export class ServiceClient {
  readonly #options: Required<ServiceClientOptions>;

  constructor(options: ServiceClientOptions) {
    this.#options = { reconnectSeconds: 60, ...options };
  }

  /** The stacks that the token may see. @throws ServiceError, as all others. */
  async stacks(): Promise<readonly StackBody[]> {
    const { stacks } = (await this.#call("GET", "/stacks")) as { readonly stacks: readonly StackBody[] };
    return stacks;
  }

  async preview(stack: string, options: BeginOptions = {}): Promise<OperationBody> {
    return (await this.#call("POST", `/stacks/${encodeURIComponent(stack)}/previews`, {}, options)) as OperationBody;
  }

  async run(stack: string, request: RunRequestBody, options: BeginOptions = {}): Promise<OperationBody> {
    return (await this.#call("POST", `/stacks/${encodeURIComponent(stack)}/runs`, request, options)) as OperationBody;
  }

  /** Has exactly the plan of a preview done. */
  async approve(
    preview: string,
    { message, ...options }: BeginOptions & { readonly message?: string } = {},
  ): Promise<OperationBody> {
    return (await this.#call("POST", `/previews/${preview}/approve`, { message }, options)) as OperationBody;
  }

  async cancel(id: string): Promise<OperationBody> {
    return (await this.#call("POST", `/operations/${id}/cancel`)) as OperationBody;
  }

  async operation(id: string): Promise<OperationBody> {
    return (await this.#call("GET", `/operations/${id}`)) as OperationBody;
  }

  /** Those of a stack, the newest first and without results. */
  async operations(stack: string, { limit = 50, before = "" } = {}): Promise<readonly OperationBody[]> {
    const query = new URLSearchParams({ limit: String(limit), ...(before === "" ? {} : { before }) });
    const url = `/stacks/${encodeURIComponent(stack)}/operations?${query.toString()}`;
    return ((await this.#call("GET", url)) as { readonly operations: readonly OperationBody[] }).operations;
  }

  /** What was done to a stack by whomever, as the engine has it, the newest first. */
  async history(stack: string, { limit = 50 } = {}): Promise<HistoryBody["entries"]> {
    const url = `/stacks/${encodeURIComponent(stack)}/history?limit=${limit}`;
    return ((await this.#call("GET", url)) as HistoryBody).entries;
  }

  /** @param options.secrets Whether secrets come in plain text. Default: as `[secret]`. */
  async outputs(stack: string, { secrets = false } = {}): Promise<Readonly<Record<string, unknown>>> {
    const url = `/stacks/${encodeURIComponent(stack)}/outputs?secrets=${secrets}`;
    return ((await this.#call("GET", url)) as { readonly outputs: Readonly<Record<string, unknown>> }).outputs;
  }

  /** Does the same with each stack of a fleet, wave by wave. */
  async runFleet(fleet: string, request: FleetRunRequestBody, options: BeginOptions = {}): Promise<FleetRunBody> {
    return (await this.#call("POST", `/fleets/${encodeURIComponent(fleet)}/runs`, request, options)) as FleetRunBody;
  }

  /** How it stands, with each stack's operation. */
  async fleetRun(id: string): Promise<FleetRunBody> {
    return (await this.#call("GET", `/fleet-runs/${id}`)) as FleetRunBody;
  }

  /** Has one go on that was stopped or cancelled; what is done in it is not done again. */
  async resumeFleetRun(id: string): Promise<FleetRunBody> {
    return (await this.#call("POST", `/fleet-runs/${id}/resume`)) as FleetRunBody;
  }

  async cancelFleetRun(id: string): Promise<FleetRunBody> {
    return (await this.#call("POST", `/fleet-runs/${id}/cancel`)) as FleetRunBody;
  }

  /** An operation's events from the first one to its end. A connection that breaks, or a service that restarts, is no end. */
  async *events(id: string): AsyncGenerator<RecordedEvent, OperationBody> {
    let last: string | undefined;
    let brokenSince: number | undefined;
    for (;;) {
      try {
        const response = await this.#fetch("GET", `/operations/${id}/events`, {
          accept: "text/event-stream",
          ...(last === undefined ? {} : { "last-event-id": last }),
        });
        for await (const message of messagesOf(response)) {
          brokenSince = undefined;
          if (message.event === "end") return message.data as OperationBody;
          last = message.id;
          yield message.data as RecordedEvent;
        }
      } catch (error) {
        if (error instanceof ServiceError && error.problem.status < 500) throw error;
        brokenSince ??= Date.now();
        if (Date.now() - brokenSince > this.#options.reconnectSeconds * 1000) throw error;
      }
      await pauseMs(RECONNECT_MS);
    }
  }

  /** Waits for an operation's end, and gives how it ended. */
  async ended(id: string): Promise<OperationBody> {
    const events = this.events(id);
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return value;
    }
  }

  async #call(method: string, url: string, body?: unknown, { idempotencyKey }: BeginOptions = {}): Promise<unknown> {
    const response = await this.#fetch(
      method,
      url,
      idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey },
      body,
    );
    return response.json();
  }

  async #fetch(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<Response> {
    const { token } = this.#options;
    const response = await fetch(`${this.#options.address}${url}`, {
      method,
      headers: {
        authorization: `Bearer ${typeof token === "string" ? token : await token()}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return response;
    throw new ServiceError(await problemOf(response));
  }
}

const RECONNECT_MS = 1000;

/** A proxy in between may answer with anything. */
async function problemOf(response: Response): Promise<ProblemBody> {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  if (isProblem) return (await response.json()) as ProblemBody;
  await response.body?.cancel();
  const { status, statusText: title } = response;
  return { type: "urn:groundwork:problem:no-problem", title, status, detail: `the answer was ${status} ${title}` };
}
