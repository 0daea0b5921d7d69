import { timingSafeEqual } from "node:crypto";

/** Status of an error that comes before anything was told; later ones are the stream's last line. */
const STATUS = { "invalid-settings": 422, "stack-not-found": 404, locked: 409, cancelled: 409 };
const LARGEST_REQUEST = 1_000_000;

/**
 * Handles requests about clusters:
 *
 *   PUT    /clusters/NAME           settings as JSON: makes the cluster what they say; answers with events, a line each
 *   PUT    /clusters/NAME?dry-run   what that would change
 *   GET    /clusters/NAME           its outputs, without secrets
 *   DELETE /clusters/NAME           takes k3s off its machines; answers with events
 *   POST   /clusters/NAME/cancel    stops what this service does to it
 *
 * @param token What requests carry as `Authorization: Bearer …`.
 * @param open  Opens a stack: (name, settings or undefined) → ClusterStack.
 */
export function clusterService({ token, open }) {
  /** Stacks that something is being done to, by name. */
  const busy = new Map();

  return (request, response) => {
    answer(request, response).catch((error) => refuse(response, error));
  };

  async function answer(request, response) {
    if (!isAllowed(request.headers.authorization, token)) return send(response, 401, { error: "unauthorized" });
    const { pathname, searchParams } = new URL(request.url, "http://service");
    const [, name, action] = /^\/clusters\/([\w.-]+)(?:\/(cancel))?$/.exec(pathname) ?? [];
    const route = name === undefined ? undefined : [request.method, action].filter(Boolean).join(" ");
    switch (route) {
      case "PUT": {
        const stack = open(name, await json(request));
        const dryRun = searchParams.has("dry-run");
        return stream(response, name, stack, (run) => (dryRun ? stack.preview(run) : stack.up(run)));
      }
      case "GET":
        return send(response, 200, await open(name).outputs());
      case "DELETE": {
        const stack = open(name);
        return stream(response, name, stack, (run) => stack.destroy({ ...run, remove: true }));
      }
      case "POST cancel":
        await busy.get(name)?.cancel();
        return send(response, 202, {});
      default:
        return send(response, 404, { error: "there is no such page" });
    }
  }

  /** Runs an operation and tells its events as they come. It goes on when nobody listens any more. */
  async function stream(response, name, stack, operate) {
    const tell = (line) => {
      if (!response.headersSent) response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.write(`${JSON.stringify(line)}\n`);
    };
    // The second of two is `locked`; the first one stays the one to cancel.
    const isFirst = !busy.has(name);
    if (isFirst) busy.set(name, stack);
    try {
      // A preview's plan is for a service that keeps it until somebody approves.
      const { plan: _, ...result } = await operate({ onEvent: tell });
      tell({ kind: "result", ...result });
      response.end();
    } finally {
      if (isFirst) busy.delete(name);
    }
  }
}

function isAllowed(header = "", token) {
  const [given, wanted] = [Buffer.from(header), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function json(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > LARGEST_REQUEST) throw Object.assign(new Error("the request is too large"), { status: 413 });
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw Object.assign(new Error("the request is not JSON"), { status: 400 });
  }
}

/** What a StackError has is made to be shown: no secret is in it. Of any other error only the service's log tells. */
function refuse(response, error) {
  const known = error.code !== undefined && error.problems !== undefined;
  if (!known && error.status === undefined) console.error(error);
  const { code, message, remedy, problems, failures } = error;
  const body = known
    ? { kind: "error", code, message, remedy, problems, failures }
    : { kind: "error", message: error.status === undefined ? "internal error" : message };
  if (response.headersSent) response.end(`${JSON.stringify(body)}\n`);
  else send(response, error.status ?? STATUS[code] ?? 500, body);
}

function send(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}
