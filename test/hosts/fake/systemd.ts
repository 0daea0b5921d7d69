import { unitOf } from "./unitFile";
import type { Answer } from "../sandbox/gateway";
import type { Clock } from "./clock";
import type { Files } from "./files";
import { Unknown } from "./call";
import type { JournalLine } from "./journal";

export interface Unit {
  state: "inactive" | "activating" | "active" | "deactivating" | "failed";
  enabled: boolean;
  masked: boolean;
  invocation: string;
  mainPid: number;
  restarts: number;
}

/** What runs when a unit starts; it calls back what becomes of it. */
export interface Program {
  readonly start: (unit: string, life: Life) => void;
  readonly stop: (unit: string) => void;
}

/** One process of a unit, from its start to its end. */
export interface Life {
  /** The process has told systemd that it is up. */
  readonly ready: () => void;
  readonly exit: () => void;
  readonly alive: () => boolean;
  readonly say: (line: string) => void;
}

/** systemd as far as scripts see it: jobs take a second, a failed service comes back after five. */
export class Systemd {
  readonly units = new Map<string, Unit>();
  readonly journal: JournalLine[] = [];
  /** Units that a package brought. */
  readonly packaged = new Set<string>();
  /** Units whose files a test changed after systemd read them. */
  readonly changedSince = new Set<string>();
  /** Units that were told to read their settings again, in order. */
  readonly reloaded: string[] = [];
  /** Until a job that nobody waits for runs. */
  jobSeconds = 1;
  readonly #clock: Clock;
  readonly #files: Files;
  readonly #program: Program;
  /** Processes that were started so far; each one's invocation is of its own. */
  lives = 0;

  constructor(clock: Clock, files: Files, program: Program) {
    this.#clock = clock;
    this.#files = files;
    this.#program = program;
  }

  unit(name: string): Unit {
    const plain = name.replace(/\.service$/, "");
    const known = this.units.get(plain);
    if (known !== undefined) return known;
    const made: Unit = { state: "inactive", enabled: false, masked: false, invocation: "", mainPid: 0, restarts: 0 };
    this.units.set(plain, made);
    return made;
  }

  isLoaded(name: string): boolean {
    const plain = name.replace(/\.service$/, "");
    return (
      name.includes(".swap") || this.packaged.has(plain) || this.#files.exists(`/etc/systemd/system/${plain}.service`)
    );
  }

  /** All drop-ins of a unit, as its text. */
  dropIns(name: string): string {
    const folders = ["etc", "run"].map((top) => `/${top}/systemd/system/${name}.service.d`);
    const texts = folders.flatMap((folder) =>
      this.#files.list(folder).map((file) => this.#files.read(`${folder}/${file}`)),
    );
    return [this.#files.read(`/etc/systemd/system/${name}.service`), ...texts].join("\n");
  }

  start(name: string): void {
    const unit = this.unit(name);
    if (unit.masked || !this.#conditionsHold(name)) return;
    this.lives += 1;
    const life = this.lives;
    unit.state = "activating";
    unit.invocation = `${life}`.padStart(32, "f");
    unit.mainPid = 100_000 + life;
    const invocation = unit.invocation;
    const alive = (): boolean => unit.invocation === invocation && unit.mainPid !== 0;
    this.#program.start(name, {
      alive,
      ready: () => {
        if (alive()) unit.state = "active";
      },
      exit: () => {
        if (!alive()) return;
        unit.mainPid = 0;
        this.#program.stop(name);
        const comesBack = !/^Restart=no$/m.test(this.dropIns(name)) && this.isLoaded(name);
        unit.state = comesBack ? "activating" : "failed";
        if (!comesBack) return;
        this.#clock.after(5, () => {
          if (unit.invocation !== invocation || unit.state !== "activating") return;
          unit.restarts += 1;
          this.start(name);
        });
      },
      say: (text) => {
        this.journal.push({ unit: name, invocation, time: this.#clock.date().getTime(), text });
      },
    });
  }

  stop(name: string): void {
    const unit = this.unit(name);
    unit.mainPid = 0;
    // The fake k3s ends as the real one does: with an exit code that systemd takes for a failure.
    unit.state = unit.state === "inactive" || unit.state === "failed" ? unit.state : "inactive";
    unit.invocation = "";
    this.#program.stop(name);
  }

  #conditionsHold(name: string): boolean {
    const conditions = [...this.dropIns(name).matchAll(/^(?:Condition|Assert)PathExists=(!?)(\S+)$/gm)];
    return conditions.every(([, not, path]) => this.#files.exists(path!) === (not !== "!"));
  }

  async systemctl(args: readonly string[]): Promise<Answer> {
    const flags = new Set(args.filter((arg) => arg.startsWith("-")));
    const [verb = "", ...names] = args.filter(
      (arg, at) => !arg.startsWith("-") && !["-p", "-t"].includes(args[at - 1] ?? ""),
    );
    const units = names.map((name) => name.replace(/\.service$/, ""));
    const code = (fine: boolean, bad: number): Answer => ({ code: fine ? 0 : bad, out: "", err: "" });
    const absent = units.find((name) => !this.isLoaded(name));
    const missing: Answer = { code: 5, out: "", err: `Unit ${absent ?? ""}.service not found.\n` };
    switch (verb) {
      case "daemon-reload":
        return code(true, 1);
      case "reset-failed":
        for (const name of units) {
          const unit = this.unit(name);
          unit.restarts = 0;
          if (unit.state === "failed") unit.state = "inactive";
        }
        return absent === undefined ? code(true, 1) : { ...missing, code: 1 };
      case "is-active": {
        const states = units.map((name) => this.unit(name).state);
        return {
          code: states.includes("active") ? 0 : 3,
          out: flags.has("-q") || flags.has("--quiet") ? "" : `${states.join("\n")}\n`,
          err: "",
        };
      }
      case "is-failed":
        return code(
          units.some((name) => this.unit(name).state === "failed"),
          1,
        );
      case "is-enabled": {
        const states = units.map((name) => this.#fileState(name));
        const out = flags.has("-q") ? "" : `${states.join("\n")}\n`;
        return { code: states.every((state) => state === "enabled") ? 0 : 1, out, err: "" };
      }
      case "enable":
      case "disable":
      case "mask":
      case "unmask":
        if (absent !== undefined && (verb === "enable" || verb === "disable")) return { ...missing, code: 1 };
        for (const name of units) {
          if (verb.endsWith("mask")) this.unit(name).masked = verb === "mask";
          else this.unit(name).enabled = verb === "enable";
          if (flags.has("--now")) await this.#job(verb === "enable" ? "start" : "stop", name, false);
        }
        return code(true, 1);
      case "start":
      case "stop":
      case "restart":
      case "try-restart":
        if (absent !== undefined) return missing;
        for (const name of units) {
          if (!(await this.#job(verb, name, flags.has("--no-block")))) {
            return { code: 1, out: "", err: `Job for ${name}.service failed.\n` };
          }
        }
        return code(true, 1);
      case "kill":
        return code(true, 1);
      case "reload":
        if (absent !== undefined) return missing;
        this.reloaded.push(...units);
        return code(
          units.every((name) => this.unit(name).state === "active"),
          1,
        );
      case "show":
        return this.#show(args, units);
      case "list-units":
      case "list-unit-files":
        return { code: 0, out: this.#listed(args), err: "" };
      default:
        throw new Unknown(`systemctl ${args.join(" ")}`);
    }
  }

  #fileState(name: string): string {
    if (!this.isLoaded(name)) return "not-found";
    const { masked, enabled } = this.unit(name);
    return masked ? "masked" : enabled ? "enabled" : "disabled";
  }

  /** Swap units are what a test put into `units` under a name that ends so. */
  #listed(args: readonly string[]): string {
    const swaps = args.some((arg) => arg.includes("swap"));
    return [...this.units.keys()]
      .filter((name) => name.endsWith(".swap") === swaps)
      .map((name) => `${name} loaded active active\n`)
      .join("");
  }

  async #job(verb: string, name: string, noBlock: boolean): Promise<boolean> {
    const unit = this.unit(name);
    if (verb === "start" && (unit.state === "active" || unit.state === "activating")) return true;
    if (verb === "try-restart" && unit.state === "inactive") return true;
    // Until the job runs, whoever asks sees the process before.
    const run = (): void => {
      if (verb !== "start") this.stop(name);
      if (verb !== "stop") this.start(name);
    };
    if (noBlock && this.jobSeconds > 0) {
      this.#clock.after(this.jobSeconds, run);
      return true;
    }
    run();
    if (verb === "stop" || noBlock) return true;
    for (let waited = 0; unit.state === "activating" && unit.mainPid !== 0 && waited < 900; waited++) {
      this.#clock.advance(1);
    }
    return unit.state === "active";
  }

  #show(args: readonly string[], units: readonly string[]): Answer {
    const wanted = args
      .flatMap((arg, at) => (arg === "-p" ? [args[at + 1]!] : (/^(?:-p|--property=)(.+)$/.exec(arg)?.slice(1) ?? [])))
      .flatMap((list) => list.split(","));
    const [name = ""] = units;
    const unit = this.unit(name);
    const all: Record<string, string | string[]> = {
      ActiveState: unit.state,
      SubState: unit.state === "active" ? "running" : "dead",
      InvocationID: unit.invocation,
      MainPID: String(unit.mainPid),
      NRestarts: String(unit.restarts),
      LoadState: unit.masked ? "masked" : this.isLoaded(name) ? "loaded" : "not-found",
      UnitFileState: unit.enabled ? "enabled" : "disabled",
      Result: unit.state === "failed" ? "exit-code" : "success",
      ...this.#configured(name),
      FragmentPath: this.isLoaded(name) ? `/etc/systemd/system/${name}.service` : "",
    };
    const unknown = wanted.filter((property) => !(property in all));
    if (unknown.length > 0) throw new Unknown(`systemctl show -p ${unknown.join(",")}`);
    const bare = args.includes("--value");
    // systemd prints properties in an order of its own, whatever the order they were asked for in.
    const shown = Object.entries(all).filter(([property]) => wanted.length === 0 || wanted.includes(property));
    return {
      code: 0,
      // A property that is a list has a line for each of its values, and none when it is empty.
      out: shown
        .flatMap(([property, value]) => [value].flat().map((one) => `${bare ? "" : `${property}=`}${one}\n`))
        .join(""),
      err: "",
    };
  }

  /** What the unit's files say, in the words of `systemctl show`. */
  #configured(name: string): Record<string, string | string[]> {
    const { command, environment, environmentFiles, dropIns } = unitOf(this.#files, name);
    const [path = ""] = command;
    return {
      ExecStart: `{ path=${path} ; argv[]=${command.join(" ")} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`,
      Environment: environment.map((one) => (one.includes(" ") ? `"${one}"` : one)).join(" "),
      EnvironmentFiles: environmentFiles.map((file) => `${file} (ignore_errors=yes)`),
      DropInPaths: dropIns.join(" "),
      NeedDaemonReload: this.changedSince.has(name) ? "yes" : "no",
    };
  }
}
