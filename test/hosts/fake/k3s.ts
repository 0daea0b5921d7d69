import { parse } from "yaml";
import { pinOf, takeAuthorities } from "./bundle";
import { key, setCondition, type Cluster } from "./cluster";
import type { Clock } from "./clock";
import type { Files } from "./files";
import { annotateKeys, takeKeys } from "./keys";
import { argumentsOf, refusedFamilies, words } from "./k3sConfig";
import { putToken, refusedTokens, takeTokens } from "./passwords";
import type { Answer } from "../sandbox/gateway";
import type { Life, Program } from "./systemd";
import { environmentOf, unitOf } from "./unitFile";

/** What a test may set of how k3s behaves on the sandbox's host. */
export interface Temper {
  /** From start to READY: a server's API, or an agent's process. */
  apiSeconds: number;
  /** From start to a registered node with a kubelet that listens. */
  kubeletSeconds: number;
  /** From start to the kubelet's death with this line, of one version or of all; k3s ends with it. */
  kubeletDies?: { readonly after: number; readonly line: string; readonly version?: string };
  /** The line that k3s ends with instead of starting. */
  refuses?: (config: Record<string, unknown>, version: string) => string | undefined;
  /** How many times from now on etcd does not take another token. */
  sealFails?: number;
  /** How long k3s takes to write all Secrets anew with another key. */
  reencryptSeconds: number;
  /** An older k3s, without `certificate rotate-ca`. */
  knowsNoRotation?: boolean;
  /** k3s stores new authorities, and says that it did not. */
  answersLate?: boolean;
  /** How many times from now on k3s dies when SQLite's data are half in etcd. */
  migrationDies: number;
}

const DATA = "/var/lib/rancher/k3s";

/** k3s on the sandbox's host: reads its files as the real one does, joins the fake cluster, and refuses what that refuses. */
export class K3s implements Program {
  readonly temper: Temper = { apiSeconds: 2, kubeletSeconds: 4, reencryptSeconds: 3, migrationDies: 0 };
  /** Listening now; the world opens real sockets for them. */
  ports: readonly number[] = [];
  apiUp = false;
  nodeName = "";
  /** The unit that started last. */
  #unit = "k3s";
  /** The server token that the running process knows: the one of its start. */
  letsIn = "";
  readonly #clock: Clock;
  readonly #files: Files;
  readonly #cluster: () => Cluster;

  constructor(clock: Clock, files: Files, cluster: () => Cluster) {
    this.#clock = clock;
    this.#files = files;
    this.#cluster = cluster;
  }

  /** The version of the binary that lies at a path; undefined when it is no whole k3s. */
  versionOf(path: string): string | undefined {
    const text = this.#files.read(path);
    return text?.endsWith("# end\n") === true ? /^k3s_version=(\S+)$/m.exec(text)?.[1] : undefined;
  }

  /** What k3s is given: by its environment, then its files, then its arguments (pkg/configfilearg). */
  config(): Record<string, unknown> {
    const unit = unitOf(this.#files, this.#unit);
    const given = Object.entries(environmentOf(this.#files, unit)).flatMap(([name, value]) => {
      const key = /^K3S_(\w+)$/.exec(name)?.[1]?.toLowerCase().replaceAll("_", "-");
      return key === undefined ? [] : [[key === "url" ? "server" : key, value] as const];
    });
    const folder = "/etc/rancher/k3s";
    const parts = this.#files.list(`${folder}/config.yaml.d`).map((name) => `${folder}/config.yaml.d/${name}`);
    const texts = [`${folder}/config.yaml`, ...parts].map((path) => this.#files.read(path) ?? "");
    const files = texts.map((text) => parse(text) as object | null);
    return Object.assign({}, Object.fromEntries(given), ...files, argumentsOf(unit.command.slice(2))) as Record<
      string,
      unknown
    >;
  }

  start(unit: string, life: Life): void {
    const { command, before } = unitOf(this.#files, unit);
    const [program = "", role] = command;
    if (!program.endsWith("/k3s") || (role !== "server" && role !== "agent")) {
      life.ready();
      return;
    }
    const isTaken = this.apiUp && this.#unit !== unit;
    if (!isTaken) this.#unit = unit;
    for (const words of before) this.#runBefore(words);
    const version = this.versionOf("/usr/local/bin/k3s");
    const reason = isTaken
      ? "listen tcp :6443: bind: address already in use"
      : version === undefined
        ? "exec format error"
        : this.#refusal(role, version);
    if (version === undefined || reason !== undefined) {
      this.#clock.after(1, () => {
        life.say(`level=fatal msg="${reason ?? ""}"`);
        life.exit();
      });
      return;
    }
    life.say(`level=info msg="Starting k3s ${role} ${version}"`);
    this.#clock.after(this.temper.apiSeconds, () => {
      if (!life.alive()) return;
      this.#orDie(life, () => {
        this.#serve(role, version);
        life.ready();
      });
    });
    this.#clock.after(this.temper.kubeletSeconds, () => {
      if (life.alive()) this.#orDie(life, () => this.#join(role, version));
    });
    const { kubeletDies } = this.temper;
    if (kubeletDies !== undefined && (kubeletDies.version ?? version) === version) {
      this.#clock.after(kubeletDies.after, () => {
        if (!life.alive()) return;
        life.say(kubeletDies.line);
        life.exit();
      });
    }
  }

  /** `ExecStartPre=`: of a shell's the one kind that there is; modules and interfaces are there. */
  #runBefore([program = "", , line = ""]: readonly string[]): void {
    if (!program.endsWith("/sh")) return;
    const [, unless, gone] = /^test ! -e (\S+) \|\| rm -rf (\S+)$/.exec(line) ?? [];
    if (gone === undefined) throw new Error(`the sandbox cannot run ${line}`);
    if (this.#files.exists(unless!)) this.#files.remove(gone);
  }

  /** On a disk that takes no file, k3s ends. */
  #orDie(life: Life, work: () => void): void {
    try {
      work();
    } catch (error) {
      life.say(`level=fatal msg="${String(error)}"`);
      life.exit();
    }
  }

  stop(unit: string): void {
    if (!unit.startsWith("k3s") || (this.apiUp && this.#unit !== unit)) return;
    // What was written last is in the file only when k3s has stopped.
    if (this.apiUp && this.#cluster().isLone) this.#files.write(`${DATA}/server/db/state.db`, CLOSED_SQLITE, 0o600);
    this.ports = [];
    this.apiUp = false;
    const node = this.#cluster().node(this.nodeName);
    if (node !== undefined) setCondition(node, { type: "Ready", status: "Unknown" });
  }

  /** `PUT /v1-k3s/token` on this host. */
  putToken(current: string, next: string): Answer {
    const fails = (this.temper.sealFails ?? 0) > 0;
    if (fails) this.temper.sealFails = this.temper.sealFails! - 1;
    return putToken(this.#files, this.#cluster(), { letsIn: this.letsIn, current, next, fails });
  }

  #tokens(config: Record<string, unknown>): { server: string; agent: string } {
    return { server: this.#password(config, "token"), agent: this.#password(config, "agent-token") };
  }

  /** The password of a given token; in front of it may stand the CA's hash and the user. */
  #password(config: Record<string, unknown>, name: "token" | "agent-token"): string {
    const file = config[`${name}-file`];
    const given = typeof file === "string" ? this.#files.read(file) : config[name];
    // Without a token a server has the one that it made.
    const text = given ?? this.#files.read(`${DATA}/server/${name}`);
    return typeof text === "string" ? text.trim().split(":").at(-1)! : "";
  }

  #refusal(role: "server" | "agent", version: string): string | undefined {
    const config = this.config();
    const cluster = this.#cluster();
    const refused = this.temper.refuses?.(config, version);
    if (refused !== undefined) return refused;
    const families = refusedFamilies(config);
    if (role === "server" && families !== undefined) return families;
    const hasEtcd = this.#files.exists(`${DATA}/server/db/etcd`);
    const hasData = hasEtcd || this.#files.exists(`${DATA}/server/db/state.db`);
    if (role === "server") {
      const joins = config["server"] !== undefined || hasData || cluster.etcd.size === 0;
      if (hasEtcd && minorOf(version) < cluster.minor) {
        return `etcd: cannot read data of a newer minor version than ${version}`;
      }
      if (!joins) return undefined;
      if (hasData) {
        return refusedTokens(this.#files, cluster, { ...this.#tokens(config), joins: config["server"] !== undefined });
      }
      if (cluster.etcd.size > 0 && this.#tokens(config).server !== cluster.token) {
        return "starting kubernetes: preparing server: failed to validate token: not authorized";
      }
      return undefined;
    }
    const pinned = /^K10([0-9a-f]+)::/.exec(this.#files.read(String(config["token-file"])) ?? "")?.[1];
    if (pinned !== undefined && pinned !== pinOf(cluster.ca)) {
      return `token CA hash does not match the Cluster CA certificate hash: ${pinned} != ${pinOf(cluster.ca)}`;
    }
    if (this.#password(config, "token") !== cluster.agentToken) return "failed to validate token: not authorized";
    return this.#passwordRefused(String(config["node-name"]));
  }

  #passwordRefused(name: string): string | undefined {
    const known = this.#cluster().objects.get(key("secret", "kube-system", `${name}.node-password.k3s`));
    const own = this.#files.read("/etc/rancher/node/password");
    if (known === undefined || known["password"] === own) return undefined;
    return "Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry";
  }

  #serve(role: "server" | "agent", version: string): void {
    const cluster = this.#cluster();
    this.nodeName = String(this.config()["node-name"]);
    this.#files.makeDirectory(`${DATA}/agent`);
    this.#files.write(`${DATA}/agent/server-ca.crt`, cluster.ca);
    if (role === "agent") return;
    this.#openData(cluster);
    this.#files.write(`${DATA}/server/tls/server-ca.crt`, cluster.ca);
    takeAuthorities(this.#files, cluster.authorities ?? new Map());
    const port = Number(this.config()["https-listen-port"] ?? 6443);
    this.#files.write("/etc/rancher/k3s/k3s.yaml", KUBECONFIG.replace("6443", String(port)), 0o600);
    const tokens = this.#tokens(this.config());
    takeTokens(this.#files, cluster, tokens);
    if (this.config()["secrets-encryption"] === true) takeKeys(this.#files, cluster);
    this.letsIn = tokens.server;
    cluster.minor = Math.max(cluster.minor, minorOf(version));
    this.ports = cluster.isLone ? [port] : [port, 2379, 2380];
    this.apiUp = true;
  }

  /** SQLite without `cluster-init` and `server`; with it, SQLite's data become etcd's (pkg/etcd/etcd.go, migrateFromSQLite). */
  #openData(cluster: Cluster): void {
    const config = this.config();
    const db = `${DATA}/server/db`;
    const hasEtcd = this.#files.exists(`${db}/etcd`);
    const sqlite = this.#files.read(`${db}/state.db`);
    const alone = config["server"] === undefined;
    const others = [...cluster.etcd].filter((name) => name !== this.nodeName);
    const isEmpty = sqlite === undefined && (cluster.isLone || cluster.etcd.size > 0);
    if (!hasEtcd && alone && (isEmpty || others.length > 0)) cluster.secondCluster = true;
    if (!hasEtcd && alone && config["cluster-init"] !== true) {
      cluster.isLone = true;
      cluster.etcd.clear();
      this.#files.write(`${db}/state.db`, sqlite ?? SQLITE, 0o600);
      return;
    }
    // What was migrated by halves is taken for the whole.
    if (hasEtcd && sqlite !== undefined) cluster.secondCluster = true;
    cluster.isLone = false;
    const member = memberText(this.nodeName, cluster);
    // Two servers with data of before a reset make their own majority, and go on beside the cluster that was reset.
    const own = this.#files.read(`${db}/etcd/member`);
    if (own !== undefined && own !== member) cluster.secondCluster = true;
    this.#files.write(`${db}/etcd/member`, member, 0o600);
    if (this.temper.migrationDies-- > 0) throw new Error("killed in the middle of the migration");
    if (!hasEtcd && sqlite !== undefined) {
      this.#files.move(`${db}/state.db`, `${db}/state.db.migrated`);
      for (const name of ["state.db-wal", "state.db-shm"]) this.#files.remove(`${db}/${name}`);
    }
    this.#files.remove(`${db}/reset-flag`);
    cluster.etcd.add(this.nodeName);
  }

  #join(role: "server" | "agent", version: string): void {
    const cluster = this.#cluster();
    const name = this.nodeName;
    // An empty one is what a full disk left.
    if ((this.#files.read("/etc/rancher/node/password") ?? "") === "") {
      // A name of the node in it: two runs that are compared must not differ by chance.
      this.#files.write("/etc/rancher/node/password", `password of ${name}\n`, 0o600);
    }
    const id = `${name}.node-password.k3s`;
    if (!cluster.objects.has(key("secret", "kube-system", id))) {
      const password = this.#files.read("/etc/rancher/node/password");
      cluster.put({
        kind: "secret",
        metadata: { name: id, namespace: "kube-system", labels: {}, annotations: {} },
        password,
      });
    }
    cluster.register({ name, role, address: words(this.config()["node-ip"])[0] ?? "192.0.2.1", version });
    annotateKeys(this.#files, cluster, name);
    this.ports = [...this.ports, 10250];
  }
}

/** etcd's data on a host: whose they are, and of which cluster. */
export function memberText(name: string, { resets }: Pick<Cluster, "resets">): string {
  return `member ${name}${resets === 0 ? "" : ` after reset ${String(resets)}`}\n`;
}

const SQLITE = "SQLite format 3\n";
/** SQLite's file once k3s has stopped. */
export const CLOSED_SQLITE = `${SQLITE}and all that was written\n`;
export const KUBECONFIG = "clusters:\n- cluster:\n    server: https://127.0.0.1:6443\n";

export function minorOf(version: string): number {
  return Number(/^v1\.(\d+)\./.exec(version)?.[1] ?? 0);
}
