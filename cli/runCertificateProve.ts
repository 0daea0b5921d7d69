import { resolveCname } from "node:dns/promises";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { GroundworkError } from "../config/groundworkError";
import { prove } from "../operate/certificate/prove";
import { proofsOf, type Proof } from "../operate/certificate/proofs";
import { hasErrors } from "../operate/finding";
import { withSite, type Site } from "../operate/site";
import { forwardTo } from "../ssh/tunnel";
import { EXIT_CODES } from "./exitCodes";
import { findingsText } from "./findingsText";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork certificate prove`. */
export interface ProveRequest extends StackRequest {
  readonly name?: readonly string[];
  readonly from?: string;
  readonly json?: true;
}

const DIAL_MS = 10_000;

/** Proves an issuer's keys. @returns the exit code. */
export async function runProve(issuer: string, request: ProveRequest, terminal: Terminal): Promise<number> {
  const file = stackOnDisk(request, terminal);
  const findings = await withSite(file, terminal.env, async (site) => {
    const proofs = proofsOf(site.desired.groups, issuer, request.name ?? []);
    const from = request.from ?? "this machine";
    const dialler = diallerOf(site, request.from);
    const now = (): number => Math.floor(Date.now() / 1000);
    const found = [];
    for (const proof of proofs) {
      found.push(...(await prove(proof, { dial: () => dialler(proof), from, now, aliasElsewhere })));
    }
    return found;
  });
  terminal.out(
    request.json === true
      ? `${JSON.stringify({ stack: file.stack, issuer, findings }, undefined, 2)}\n`
      : findingsText(findings, { all: true, terminal }),
  );
  return hasErrors(findings) ? EXIT_CODES.differences : EXIT_CODES.ok;
}

/** @throws GroundworkError where the stack has no such node. */
function diallerOf({ hosts }: Site, from: string | undefined): (proof: Proof) => Promise<Duplex> {
  if (from === undefined) return fromHere;
  const host = hosts.find(({ name }) => name === from);
  if (host === undefined) {
    throw new GroundworkError("usage", `--from: the stack has no node '${from}'`, {
      remedy: `write one of ${hosts.map(({ name }) => name).join(", ")}`,
    });
  }
  return async (proof) => forwardTo((await host.connected()).client, proof.port, proof.host);
}

/** As this machine's own resolver knows it. */
async function aliasElsewhere(name: string): Promise<string | undefined> {
  return (await resolveCname(name).catch(() => []))[0];
}

function fromHere({ host, port }: Proof): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: DIAL_MS });
    socket.once("connect", () => resolve(socket));
    socket.once("timeout", () => socket.destroy(new Error(`no answer within ${String(DIAL_MS / 1000)} s`)));
    socket.once("error", reject);
  });
}
