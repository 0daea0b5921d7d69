import { resolve } from "node:path";
import { GroundworkError } from "../config/groundworkError";
import { parseGrant } from "../service/access/grants";
import { Tokens } from "../service/access/tokens";
import type * as serving from "../service/service";
import { readServiceFile } from "../service/settings/serviceFile";
import { openStore } from "../service/store/openStore";
import type { Store } from "../service/store/store";
import { packageVersion } from "./packageVersion";
import type { Terminal } from "./terminal";

export interface ServeRequest {
  readonly config: string;
}

export interface TokenRequest extends ServeRequest {
  readonly name: string;
  readonly allow: readonly string[];
  readonly expiresIn: string;
  readonly json?: true;
}

/** Serves until a signal comes. */
export async function runServe({ config }: ServeRequest, { cwd, env, err }: Terminal): Promise<void> {
  const settings = readServiceFile(resolve(cwd, config), env);
  const service = await loadService().startService({ settings, version: packageVersion() });
  const { size } = settings.stacks;
  err(
    `groundwork: serves ${size} stack${size === 1 ? "" : "s"} on ${service.address}, and people on ${service.address}/page\n`,
  );
  await new Promise<void>((stopped, failed) => {
    let isStopping = false;
    const stop = (): void => {
      // A second one is not needed: the first already waits for no longer than it must.
      if (isStopping) return;
      isStopping = true;
      service.stop().then(stopped, failed);
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
  });
}

export async function createToken(request: TokenRequest, terminal: Terminal): Promise<void> {
  const grants = request.allow.map(parseGrant);
  const expiresAt = new Date(Date.now() + lifeOf(request.expiresIn));
  const { text, token } = await withStore(request, terminal, (store, stacks) => {
    const unknown = grants.map(({ stack }) => stack).filter((stack) => stack !== "*" && !stacks.has(stack));
    if (unknown.length > 0) {
      throw new GroundworkError("usage", `the service has no stack '${unknown.join("', '")}'`, {
        remedy: `name one of ${[...stacks].join(", ")}, or *`,
      });
    }
    return new Tokens(store).create({ name: request.name, grants, expiresAt });
  });
  terminal.err(`token ${token.id} '${token.name}', until ${token.expiresAt}; it is shown this once:\n`);
  terminal.out(`${text}\n`);
}

export async function listTokens(request: TokenRequest, terminal: Terminal): Promise<void> {
  const tokens = await withStore(request, terminal, (store) => new Tokens(store).list());
  if (request.json === true) {
    terminal.out(`${JSON.stringify(tokens, undefined, 2)}\n`);
    return;
  }
  for (const { id, name, grants, expiresAt, revokedAt } of tokens) {
    const allowed = grants.map(({ stack, verbs }) => `${stack}:${verbs.join(",")}`).join(" ");
    const until = revokedAt === undefined ? `until ${expiresAt}` : `revoked ${revokedAt}`;
    terminal.out(`${id}  ${name}  ${allowed}  ${until}\n`);
  }
}

export async function revokeToken(id: string, request: TokenRequest, terminal: Terminal): Promise<void> {
  const isRevoked = await withStore(request, terminal, (store) => new Tokens(store).revoke(id));
  if (!isRevoked) {
    throw new GroundworkError("usage", `there is no token '${id}' that could be revoked`, {
      remedy: "'groundwork serve token list' has all of them",
    });
  }
  terminal.err(`token ${id} is refused from now on\n`);
}

/** The record may be open in a service at the same time. */
async function withStore<T>(
  { config }: ServeRequest,
  { cwd, env }: Terminal,
  work: (store: Store, stacks: ReadonlySet<string>) => Promise<T>,
): Promise<T> {
  const settings = readServiceFile(resolve(cwd, config), env);
  const store = await openStore(settings);
  try {
    return await work(store, new Set(settings.stacks.keys()));
  } finally {
    await store.close();
  }
}

const HOUR_MS = 3_600_000;
const LONGEST_DAYS = 366;

function lifeOf(text: string): number {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const milliseconds = Number(count) * (unit === "d" ? 24 : 1) * HOUR_MS;
  if (milliseconds > 0 && milliseconds <= LONGEST_DAYS * 24 * HOUR_MS) return milliseconds;
  throw new GroundworkError("usage", `--expires-in: '${text}' is no life of a token`, {
    remedy: `write hours or days, such as 12h or 90d, and ${LONGEST_DAYS}d at most`,
  });
}

/** What the service needs besides Groundwork's own dependencies: optional peers, because most people only run 'pulumi up'. */
export const SERVICE_PACKAGES = [
  ...["fastify", "fastify-type-provider-zod", "jose", "pino", "prom-client"],
  ...["@fastify/rate-limit", "@fastify/sse", "@fastify/swagger", "@fastify/under-pressure", "pg"],
];

function loadService(): typeof serving {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- its packages may not be installed
    return require("../service/service") as typeof serving;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = SERVICE_PACKAGES.filter((name) => message.includes(`'${name}'`));
    if (code !== "MODULE_NOT_FOUND" || missing.length === 0) throw error;
    throw new GroundworkError(
      "failed",
      `the service needs packages that are not installed, first of all ${missing.join()}`,
      {
        remedy: `run: npm install ${SERVICE_PACKAGES.join(" ")}`,
      },
    );
  }
}
