import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AUTHORITY_FILES, type Authorities } from "./fake/bundle";

/** Authorities as a first k3s makes them: each alone in its file, signed by itself (pkg/daemons/control/deps, createSigningCertKey). */
export function firstAuthorities(suffix = "@1700000000"): Authorities {
  const directory = mkdtempSync(join(tmpdir(), "groundwork-authorities-"));
  try {
    mkdirSync(join(directory, "etcd"));
    for (const name of AUTHORITY_FILES.filter((one) => one.endsWith(".crt"))) {
      const base = join(directory, name.slice(0, -".crt".length));
      const called = name.startsWith("etcd/") ? `etcd-${name.slice(5, -4)}` : `k3s-${name.slice(0, -4)}`;
      openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${base}.key`);
      const made = ["req", "-x509", "-new", "-days", "3650", "-key", `${base}.key`, "-out", `${base}.crt`];
      openssl(...made, "-subj", `/CN=${called}${suffix}`);
    }
    openssl("genrsa", "-traditional", "-out", join(directory, "service.key"), "2048");
    return new Map(AUTHORITY_FILES.map((name) => [name, readFileSync(join(directory, name), "utf8")]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function openssl(...words: readonly string[]): void {
  const { status, stderr } = spawnSync("openssl", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${words[0] ?? ""} failed: ${stderr}`);
}
