import type { Answer } from "../sandbox/gateway";
import { setCondition, Cluster, type KubeObject, type NodeObject } from "./cluster";
import { rotateAuthorities } from "./authorities";
import { Clock } from "./clock";
import { Files } from "./files";
import { secretsEncrypt } from "./encryption";
import { K3s } from "./k3s";
import { ok, readCall, Unknown, type ApiFault } from "./call";
import { journalctl } from "./journal";
import { kubectl } from "./kubectl";
import {
  curlTransfer,
  hostOf,
  ip,
  isUrl,
  wgetTransfer,
  type Fetch,
  type Links,
  type Page,
  type Transfer,
} from "./network";
import { df } from "./disk";
import { isTool, Packages } from "./packages";
import { resetCluster } from "./reset";
import { saveSnapshot } from "./snapshot";
import { release } from "./releases";
import { Systemd } from "./systemd";
import { tellTime } from "./tellTime";
import { answersPing, isVirtualIp, isVirtualIpHeld, routeGet } from "./virtualIp";

const DATA_OF_ETCD = "/var/lib/rancher/k3s/server/db/etcd";

/** What the stubs of one sandbox read and change. A test sets it up and looks at it afterwards. */
export class World {
  readonly files: Files;
  readonly clock: Clock;
  readonly systemd: Systemd;
  readonly k3s: K3s;
  readonly packages: Packages;
  cluster = new Cluster();
  readonly links: Links = new Map([["eth0", ["192.0.2.1/24"]]]);
  rules = "";
  apiFault: ApiFault = () => undefined;
  apiCalls = 0;
  /** Seconds from the request to etcd's removal; the annotation of it is written then. */
  removalSeconds = 2;
  /** How etcd's removal shows: by k3s's annotation, by the condition's reason, or never. */
  removalShows: "annotation" | "condition" | "never" = "annotation";
  /** Addresses that do not answer ping. */
  readonly silent = new Set<string>();
  drainBlocked = false;
  drainedWord: "drained" | "evicted" = "drained";
  /** How Jobs end. */
  jobsEnd: "Complete" | "Failed" | "never" = "Complete";
  /** How many times longer than asked a sleep takes, as on a busy machine. */
  stretch = 1;
  /** From then on `sleep` fails, which ends a program that would run for ever. */
  sleepUntil = Infinity;
  /** Told after every sleep. */
  slept: () => void = () => undefined;
  /** What answers on the network beside the cluster's servers. */
  fetch: Fetch = () => undefined;
  /** Addresses that are reached through a router. */
  readonly routed = new Set<string>();
  /** Addresses of other people's machines. */
  readonly taken = new Set<string>();
  /** What curl was told of proxies, once for each transfer that was. */
  readonly proxied: string[] = [];
  /** MiB that `df` tells. */
  freeMib = 90_000;
  /** Questions that no stub has an answer to; a test that caused one fails. */
  readonly complaints: string[] = [];
  /** Called by the command that a test named: fills the disk, cuts the connection. */
  outside: () => Promise<void> = () => Promise.resolve();

  constructor(root: string, stubs: string) {
    this.files = new Files(root);
    this.clock = new Clock((ahead) => tellTime(stubs, ahead));
    this.k3s = new K3s(this.clock, this.files, () => this.cluster);
    this.systemd = new Systemd(this.clock, this.files, this.k3s);
    this.packages = new Packages(stubs, this.clock, this.files, this.systemd);
  }

  /** Answers one stub: its name, path, k3s's version, standard input, and arguments. */
  async answer([stub = "", path = "", version = "", input = "", ...args]: readonly string[]): Promise<Answer> {
    try {
      return await this.#command(stub, path, version, input, args);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOSPC" || code === "EROFS") return { code: 23, out: "", err: `${stub}: write error: ${code}\n` };
      this.complaints.push(`${error instanceof Unknown ? "no stub for" : String(error)}: ${stub} ${args.join(" ")}`);
      return { code: 64, out: "", err: `${stub}: the sandbox does not know this: ${String(error)}\n` };
    }
  }

  async #command(stub: string, path: string, version: string, input: string, args: readonly string[]): Promise<Answer> {
    const fine = ok();
    if (isTool(stub)) {
      await this.wait(this.packages.seconds);
      return this.packages.run(stub, args);
    }
    switch (stub) {
      case "outside":
        await this.outside();
        return fine;
      case "sleep":
        if (this.clock.ahead >= this.sleepUntil) return { ...fine, code: 1 };
        this.clock.advance(Number.parseFloat(args[0] ?? "0") * this.stretch);
        this.slept();
        return fine;
      case "systemctl":
        return this.systemd.systemctl(args);
      case "journalctl":
        return journalctl(this.systemd.journal, args);
      case "ip":
        return routeGet(this.routed, args) ?? ip(this.links, args);
      case "curl":
        return this.#transfer(curlTransfer(args), "curl");
      case "wget":
        if (args[0] === "--version") return { ...fine, out: "GNU Wget 1.21.3 built on linux-gnu.\n" };
        return this.#transfer(wgetTransfer(args), "wget");
      case "iptables-save":
        return { ...fine, out: this.rules };
      case "iptables-restore":
        this.rules = input;
        return fine;
      case "ip6tables-save":
      case "ip6tables-restore":
      case "modprobe":
      case "sysctl":
      case "swapoff":
        return fine;
      case "ping":
        return { ...fine, code: !this.silent.has(args.at(-1) ?? "") && answersPing(this, args.at(-1) ?? "") ? 0 : 1 };
      case "systemd-detect-virt":
        return { ...fine, code: 1 };
      case "df":
        return df(this.freeMib, args);
      case "k3s":
        return this.#k3sCommand(path, version, args, input);
      case "kubectl":
        return this.#kubectl(args, input);
      default:
        throw new Unknown(stub);
    }
  }

  async #k3sCommand(_path: string, version: string, args: readonly string[], input: string): Promise<Answer> {
    const [verb = "", ...rest] = args;
    if (verb === "--version") return ok(`k3s version ${version} (0123456)\ngo version go1.26.1\n`);
    if (verb === "kubectl") return this.#kubectl(rest, input);
    if (verb === "etcd-snapshot" && rest.includes("save")) return saveSnapshot(this, rest);
    if (verb === "certificate" && rest[0] === "rotate-ca") return rotateAuthorities(this, rest);
    if (verb === "secrets-encrypt") return await secretsEncrypt(this, rest);
    if (verb === "server" && rest.includes("--cluster-reset")) return resetCluster(this, rest);
    throw new Unknown(`k3s ${args.join(" ")}`);
  }

  /** Whether a server's API answers: it runs, and etcd has its quorum. */
  serves(address: string | undefined): boolean {
    const { etcd, others } = this.cluster;
    const living = [...etcd].filter((name) =>
      name === this.k3s.nodeName
        ? this.k3s.apiUp
        : [...others.values()].some((other) => other.name === name && other.alive),
    );
    if (etcd.size > 0 && living.length <= etcd.size / 2) return false;
    return address === undefined ? this.k3s.apiUp : (others.get(address)?.alive ?? false);
  }

  async #kubectl(args: readonly string[], input: string): Promise<Answer> {
    const call = readCall(args, input);
    // Who joins asks another server with a kubeconfig made for that (scripts/name.sh).
    const config = call.flags.get("--kubeconfig") ?? "";
    const named = config.startsWith("/run/groundwork/members/") ? this.files.read(config) : undefined;
    const server = call.flags.get("--server") ?? /"server":"([^"]+)"/.exec(named ?? "")?.[1];
    const address = server === undefined || server.includes("127.0.0.1") ? undefined : hostOf(server);
    const isElsewhere = address !== undefined && !server!.endsWith(`:${this.cluster.port}`);
    this.apiCalls += 1;
    const fault = this.apiFault(call, this.apiCalls) ?? (this.serves(address) && !isElsewhere ? undefined : "refused");
    if (fault === "timeout") {
      await this.wait(Number.parseInt(call.flags.get("--request-timeout") ?? "60", 10));
      return {
        code: 1,
        out: "",
        err: "Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)\n",
      };
    }
    if (fault === "refused") {
      return {
        code: 1,
        out: "",
        err: "The connection to the server was refused - did you specify the right host or port?\n",
      };
    }
    return kubectl(this.cluster, call, {
      wait: (seconds) => this.wait(seconds),
      readFile: (path) => this.files.read(path),
      putToken: (current, next) => this.k3s.putToken(current, next),
      removalAsked: (node) => this.#removeMember(node),
      drainBlocked: this.drainBlocked,
      drainedWord: this.drainedWord,
      jobMade: (job) => this.#runJob(job),
    });
  }

  /** The Job's controller writes how it ended (kubernetes pkg/controller/job/job_controller.go). */
  #runJob(job: KubeObject): void {
    const ends = this.jobsEnd;
    if (ends === "never") return;
    this.clock.after(5, () => {
      const failed = { reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" };
      job["status"] = { conditions: [{ type: ends, status: "True", ...(ends === "Failed" ? failed : {}) }] };
    });
  }

  /** Waits while the script sleeps; where it does not, the time goes on by itself. */
  async wait(seconds: number): Promise<void> {
    const end = this.clock.ahead + seconds;
    for (let seen = -1; this.clock.ahead < end;) {
      if (seen === this.clock.ahead) this.clock.advance(end - seen);
      seen = this.clock.ahead;
      await new Promise((done) => setTimeout(done, 12));
    }
  }

  /** k3s takes the member out some time after it was asked, and a server that was taken out ends (pkg/etcd/member_controller.go). */
  #removeMember(node: NodeObject): void {
    const { name } = node.metadata;
    this.clock.after(this.removalSeconds, () => {
      if (!this.cluster.etcd.has(name) || node.metadata.annotations["etcd.k3s.cattle.io/remove"] !== "true") return;
      this.cluster.etcd.delete(name);
      if (this.removalShows === "annotation") {
        node.metadata.annotations["etcd.k3s.cattle.io/removed-node-name"] = `${name}-0123`;
      }
      if (this.removalShows === "condition") {
        setCondition(node, { type: "EtcdIsVoter", status: "False", reason: "NotAMember" });
      }
      if (name !== this.k3s.nodeName) return;
      this.clock.after(1, () => this.#endAfterRemoval());
    });
  }

  /** The real one puts its data aside, when the disk lets it, and ends; started again it would join as a new member. */
  #endAfterRemoval(): void {
    const unit = this.systemd.unit("k3s");
    if (unit.state !== "active") return;
    if (!this.files.tryRemove(DATA_OF_ETCD)) return this.clock.after(1, () => this.#endAfterRemoval());
    unit.mainPid = 0;
    this.k3s.stop("k3s");
    unit.state = "failed";
    if (!/^Restart=no$/m.test(this.systemd.dropIns("k3s"))) this.clock.after(5, () => this.systemd.start("k3s"));
  }

  async #transfer(transfer: Transfer, program: "curl" | "wget"): Promise<Answer> {
    const { url, file, head, follows, httpsOnly, config } = transfer;
    if (config !== undefined) this.proxied.push(this.files.read(config) ?? "");
    if (!isUrl(url)) return { code: program === "curl" ? 3 : 1, out: "", err: `${program}: URL rejected: ${url}\n` };
    let page = await this.#page(url);
    if (page?.redirect !== undefined && follows) {
      if (httpsOnly && !page.redirect.startsWith("https:")) {
        return { code: 1, out: "", err: 'curl: (1) Protocol "http" not allowed\n' };
      }
      page = await this.#page(page.redirect);
    }
    if (page === undefined) {
      // A machine that is off says nothing; one without k3s refuses.
      if (this.cluster.others.get(hostOf(url))?.alive === false) {
        await this.wait(5);
        const err = `${program}: (28) Connection timed out after 5001 milliseconds\n`;
        return { code: program === "curl" ? 28 : 4, out: "", err };
      }
      return {
        code: program === "curl" ? 7 : 4,
        out: "",
        err: `${program}: (7) Failed to connect to ${hostOf(url)} port 6443 after 0 ms: Connection refused\n`,
      };
    }
    if (file !== undefined) this.files.write(file, page.body, 0o644);
    const headers = `HTTP/1.1 200 OK\r\nDate: ${this.clock.date().toUTCString()}\r\n`;
    if (head) {
      return program === "curl"
        ? { code: 0, out: headers, err: "" }
        : { code: 0, out: "", err: headers.replace(/^/gm, "  ") };
    }
    return { code: 0, out: file === undefined ? page.body : "", err: "" };
  }

  async #page(url: string): Promise<Page | undefined> {
    const given = await this.fetch(url);
    if (given !== undefined) return given;
    const server = this.cluster.others.get(hostOf(url));
    if (isVirtualIp(this, hostOf(url))) return isVirtualIpHeld(this) ? { body: "pong" } : undefined;
    if (server !== undefined && url.includes(`:${this.cluster.port}/`)) {
      return server.alive ? { body: url.endsWith("/cacerts") ? this.cluster.ca : "pong" } : undefined;
    }
    if (hostOf(url) === "127.0.0.1" && this.k3s.apiUp) return { body: "pong" };
    return release(url);
  }
}
