import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { stackCipher } from "../../../config/read/stackCipher";
import { ed25519Key } from "../../sshKey";
import { Served } from "../served";
import type { PageScript } from "./pageEngine";

const KEY = ed25519Key();
const HOSTS = ["atlas", "birch", "cedar"].map((name) => ({ name, hostKey: ed25519Key().public }));

/** Three servers with storage, an ingress controller and certificates. */
export function clusterSettings(changed: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const nodes = HOSTS.map((host, index) => ({ ...host, role: "server", address: `10.40.0.${11 + index}` }));
  return {
    "groundwork:cluster": { name: "office", apiAddress: "k3s.office.example.com" },
    "groundwork:nodes": nodes,
    "groundwork:storage": { longhorn: { default: true, replicas: 2 }, localPath: { default: false } },
    "groundwork:ingress": { controller: "traefik" },
    "groundwork:certificates": { certManager: true, email: "platform@office.example.com" },
    "groundwork:issuers": { "internal-ca": { type: "ca" } },
    "groundwork:namespaces": { shop: { quota: { pods: 40 } } },
    ...changed,
  };
}

/** A service whose stacks run the whole program in memory. */
export class PageServed extends Served {
  constructor(...stacks: readonly string[]) {
    super(Object.fromEntries(stacks.map((name) => [name, {}])), {}, { engine: join("page", "pageEngine") });
    for (const name of stacks) this.settings(name, clusterSettings());
  }

  /** Writes a stack's file. */
  settings(name: string, config: Readonly<Record<string, unknown>>): void {
    const cipher = stackCipher("correct horse");
    const all = { ...config, "groundwork:ssh": { privateKey: { secure: cipher.encrypt(KEY.private) } } };
    const file = join(this.project(name), `Pulumi.${name}.yaml`);
    writeFileSync(file, stringify({ encryptionsalt: cipher.salt, config: all }));
  }

  does(name: string, script: PageScript): void {
    writeFileSync(join(this.project(name), "script.json"), JSON.stringify(script));
  }
}
