import type { FastifyReply, FastifyRequest } from "fastify";

/** Of the name that browsers take from the host itself and over TLS only (RFC 6265bis, section 4.1.3). */
const SECURE = "__Host-groundwork";
const PLAIN = "groundwork";

/** The session's id that a request brings along. */
export function sessionOf({ headers }: FastifyRequest): string | undefined {
  const all = (headers.cookie ?? "").split(";").map((pair) => pair.trim().split("="));
  const [, value] = all.find(([name]) => name === SECURE) ?? all.find(([name]) => name === PLAIN) ?? [];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

/** Has the browser keep a session's id until it is closed, for no script to read and for no other site to send. */
export function keepSession(request: FastifyRequest, reply: FastifyReply, id: string): void {
  const isSecure = overTls(request);
  void reply.header("set-cookie", `${isSecure ? SECURE : PLAIN}=${id}; ${ATTRIBUTES}${isSecure ? "; Secure" : ""}`);
}

export function forgetSession(reply: FastifyReply): void {
  void reply.header("set-cookie", [
    `${PLAIN}=; Max-Age=0; ${ATTRIBUTES}`,
    `${SECURE}=; Max-Age=0; ${ATTRIBUTES}; Secure`,
  ]);
}

const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict";

/** Whether the browser's own connection has TLS: to this service, or to a proxy before it. */
function overTls({ protocol, headers }: FastifyRequest): boolean {
  return protocol === "https" || headers.origin?.startsWith("https://") === true;
}

/**
 * Whether a page of this service sent the request, and not another site in the name of who is signed in. Browsers say so themselves in
 * `Sec-Fetch-Site` (W3C, Fetch Metadata); those that do not yet say where the page is from.
 */
export function isFromHere({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
