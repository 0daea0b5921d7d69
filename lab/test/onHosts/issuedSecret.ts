import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../process/run";
import { dockerName, SITE } from "../../naming";
import type { ClusterOnLab } from "./clusterOnLab";
import { docker } from "./labOnDocker";

/** A certificate with its chain, and its key, as they are in a Secret: PEM. */
export interface IssuedSecret {
  readonly chain: string;
  readonly key: string;
}

/** What openssl finds in a certificate. */
export interface Examined {
  readonly names: readonly string[];
  /** How long it lives. */
  readonly hours: number;
  /** `4096 bit` */
  readonly bits: string;
  /** openssl's last word about it and the authorities; `OK` where they vouch for it. */
  readonly trust: string;
}

/** The Secret of a certificate: `default`, `inside`. */
export async function issuedSecret(lab: ClusterOnLab, namespace: string, name: string): Promise<IssuedSecret> {
  const secret = JSON.parse(await lab.kubectl(["get", "secret", name, "-n", namespace, "-o", "json"])) as {
    data: Record<string, string>;
  };
  const text = (key: string): string => Buffer.from(secret.data[key] ?? "", "base64").toString();
  return { chain: text("tls.crt"), key: text("tls.key") };
}

/** The roots that the site's ACME server has had. */
export function siteRoots(lab: ClusterOnLab): string {
  return docker("exec", dockerName(lab.name, SITE), "cat", "/var/lib/lab-acme/roots.pem");
}

/** Asks openssl about a certificate: what it is, whether its key is its own, and whether these authorities vouch for it. */
export async function examined({ chain, key }: IssuedSecret, authorities: string): Promise<Examined> {
  const directory = mkdtempSync(join(tmpdir(), "groundwork-openssl-"));
  try {
    const file = (name: string, text: string): string => {
      writeFileSync(join(directory, name), text, { mode: 0o600 });
      return join(directory, name);
    };
    const chainFile = file("chain.pem", chain);
    const x509 = async (...words: string[]): Promise<string> =>
      await said("x509", "-in", chainFile, "-noout", ...words);
    assert.equal(
      await said("pkey", "-in", file("key.pem", key), "-pubout"),
      await x509("-pubkey"),
      "the key is its own",
    );
    const text = await x509("-text");
    const date = (which: string): number => Date.parse(new RegExp(`Not ${which} ?: (.*)`).exec(text)?.[1] ?? "");
    const words = ["verify", "-CAfile", file("authorities.pem", authorities), "-untrusted", chainFile, chainFile];
    const verified = await run("openssl", words);
    return {
      names: [...text.matchAll(/DNS:([^,\s]+)/g)].map(([, name = ""]) => name),
      hours: Math.round((date("After") - date("Before")) / 3_600_000),
      bits: /Public-Key: \((.*)\)/.exec(text)?.[1] ?? "",
      trust: verified.code === 0 ? "OK" : verified.stderr.trim(),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Serves a certificate on this machine for as long as something is done with its port. */
export async function served<T>({ chain, key }: IssuedSecret, use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer({ cert: chain, key });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

async function said(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("openssl", words);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}
