import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { GroundworkError } from "../config/groundworkError";
import { hostAndPort } from "../config/schema/scalars";
import { checkEndpoint } from "../operate/certificate/check";
import { endpointOf } from "../operate/certificate/endpoint";
import { hasErrors } from "../operate/finding";
import { EXIT_CODES } from "./exitCodes";
import { findingsText } from "./findingsText";
import type { Terminal } from "./terminal";

/** The options of `groundwork certificate check`. */
export interface CheckRequest {
  readonly serverName?: string;
  readonly ca?: string;
  readonly json?: true;
  readonly strict?: true;
  readonly quiet?: true;
}

/** Looks at what a server shows. @returns the exit code. */
export async function runCheck(target: string, request: CheckRequest, terminal: Terminal): Promise<number> {
  const { host, port } = targetOf(target);
  const authorities = request.ca === undefined ? {} : { authorities: pemIn(resolve(terminal.cwd, request.ca)) };
  const endpoint = await endpointOf({ host, port, serverName: request.serverName ?? host, ...authorities });
  const findings = checkEndpoint(endpoint, new Date());
  const unwell = findings.filter(({ level }) => level !== "ok");
  const { address, serverName, protocol, cipher } = endpoint;
  if (request.json === true) {
    terminal.out(`${JSON.stringify({ address, serverName, protocol, cipher, findings }, undefined, 2)}\n`);
  } else if (request.quiet !== true || unwell.length > 0) {
    terminal.out(findingsText(findings, { all: request.quiet !== true, terminal }));
  }
  const isWell = request.strict === true ? unwell.length === 0 : !hasErrors(findings);
  return isWell ? EXIT_CODES.ok : EXIT_CODES.differences;
}

const HTTPS_PORT = 443;

/** `www.example.org`, `192.0.2.1:8443`, `[2001:db8::1]:443`. @throws GroundworkError for anything else. */
export function targetOf(target: string): { readonly host: string; readonly port: number } {
  const found = /[\s/@]/.test(target) ? undefined : hostAndPort(target);
  if (found !== undefined) return { host: found.host, port: found.port ?? HTTPS_PORT };
  throw new GroundworkError("usage", `'${target}' is no HOST[:PORT]`, {
    remedy: "write it without https:// and path: www.example.org, 192.0.2.1:8443 or [2001:db8::1]:443",
  });
}

/** @throws GroundworkError where it cannot be read, or holds no certificate. */
function pemIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new GroundworkError("usage", `--ca: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? ""})`);
  }
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new GroundworkError("usage", `--ca: ${file} holds no certificate (PEM)`);
}
