import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "../fake/world";
import type { FromGateway, ToGateway } from "./gateway";
import { missingPrograms, programPath, writeStubs } from "./programs";

const TYPESCRIPT = join(__dirname, "..", "..", "..", "bin", "typescript.js");

/** Where one sandbox after another is made: a network namespace, and a folder of stubs. Two lanes work at once. */
export class Lane {
  readonly directory: string;
  readonly gateway: ChildProcess;
  world: World | undefined;
  #ports = "";
  #listening: (() => void) | undefined;

  private constructor(directory: string, gateway: ChildProcess) {
    this.directory = directory;
    this.gateway = gateway;
    gateway.on("message", (message: FromGateway) => {
      if ("listening" in message) this.#listening?.();
      else if ("id" in message) void this.#answer(message.id, message.fields);
    });
  }

  get stubs(): string {
    return join(this.directory, "stub");
  }

  static async open(): Promise<Lane> {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-hosts-"));
    mkdirSync(join(directory, "root"));
    writeStubs(join(directory, "stub"));
    const start = 'ip link set lo up && echo 1 >/proc/sys/net/ipv4/ip_forward; exec "$@"';
    const node = [process.execPath, "--require", TYPESCRIPT, join(__dirname, "gateway.ts")];
    const gateway = spawn("unshare", ["--net", "sh", "-c", start, "sh", ...node], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const lane = new Lane(directory, gateway);
    const port = await new Promise<number>((done, failed) => {
      gateway.on("message", (message: FromGateway) => {
        if ("port" in message) done(message.port);
      });
      gateway.once("exit", (code) => failed(new Error(`the gateway of a lane ended with ${String(code)}`)));
    });
    writeFileSync(join(lane.stubs, "port"), `${port}\n`);
    return lane;
  }

  /** Opens the ports that the fake k3s listens on now, and closes the others. */
  async listen(ports: readonly number[]): Promise<void> {
    const wanted = [...ports].sort((a, b) => a - b);
    if (wanted.join() === this.#ports) return;
    this.#ports = wanted.join();
    const done = new Promise<void>((resolve) => {
      this.#listening = resolve;
    });
    this.#tell({ listen: wanted });
    await done;
  }

  close(): void {
    this.gateway.removeAllListeners();
    this.gateway.disconnect();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #answer(id: number, fields: readonly string[]): Promise<void> {
    const { world } = this;
    const answer = world === undefined ? { code: 99, out: "", err: "no sandbox\n" } : await world.answer(fields);
    if (world !== undefined) await this.listen(world.k3s.ports);
    this.#tell({ answer, id });
  }

  #tell(message: ToGateway): void {
    if (this.gateway.connected) this.gateway.send(message);
  }
}

/** Whether /usr has to be bound apart from the root. */
export function usrIsApart(): boolean {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .some((line) => line.split(" ")[1] === "/usr");
}

let reason: string | undefined | null = null;

/** Why no sandbox can be had here; undefined when it can. */
export function whyNot(): string | undefined {
  reason ??= findReason();
  return reason;
}

function findReason(): string | undefined {
  if (process.platform !== "linux") return `Linux namespaces are needed, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "the sandbox's namespaces need root";
  const missing = missingPrograms();
  if (missing.length > 0) return `not installed: ${missing.join(", ")}`;
  const flags = ["--mount", "--pid", "--net", "--uts", "--fork"];
  const script = "mount -t tmpfs none /mnt && ip link set lo up";
  const { status, stderr } = spawnSync("unshare", [...flags, programPath("sh")!, "-c", script], { encoding: "utf8" });
  return status === 0 ? undefined : `namespaces cannot be made here: ${stderr.trim()}`;
}
