import { spawn } from "node:child_process";
import { createInterface } from "node:readline/promises";
import { versions } from "../config/versions/pins";
import { engineInUse, type EngineName } from "./apply";
import { ensureCertManagerChart } from "./site/certManager";
import { ensureRelease, k3sSource } from "./site/mirror";
import { LabError } from "./error";
import { labDown, otherLabs } from "./hosts/down";
import { reachContainerEngine } from "./hosts/containerEngine";
import { labStatus, statusLines } from "./hosts/status";
import { labUp, type UpOptions, type UpParts } from "./hosts/up";
import { withLock } from "./lock";
import { checkLabName, DEFAULT_LAB } from "./naming";
import { CHECKOUT, labPaths, type LabPaths } from "./paths";
import { printedProgress, type Progress } from "./progress";
import { labRun } from "./run";
import { wantedK3sVersion } from "./stack/stackConfig";
import { type LabState, readState } from "./state";

/** Options of `lab up` and `lab run` as the command line gives them. */
export interface UpRequest {
  readonly name: string;
  readonly servers?: number;
  readonly agents?: number;
  readonly k3s?: string;
  readonly charts?: "stand-in" | "real";
  readonly installDocker?: true;
  readonly engine?: EngineName;
}

/** The verbs of `groundwork lab`. Each throws a LabError with one line when it fails. */
export interface LabVerbs {
  readonly up: (request: UpRequest) => Promise<void>;
  readonly run: (request: UpRequest) => Promise<void>;
  /** @returns the exit code: 0 when every host runs and answers. */
  readonly status: (request: { name: string; json?: true }) => Promise<number>;
  /** @returns the exit code of the remote command, 255 when the host is not reached. */
  readonly ssh: (host: string, command: readonly string[], request: { name: string }) => Promise<number>;
  readonly release: (versions: readonly string[], request: { name: string }) => Promise<void>;
  readonly down: (request: { name: string; purge?: true }) => Promise<void>;
  /** Names of the labs of this checkout. */
  readonly names: () => string[];
}

/** Where the verbs print. */
export interface LabOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** @param root The checkout; another one in tests. */
export function labVerbs(output: LabOutput, root: string = CHECKOUT): LabVerbs {
  const print = (line: string): unknown => output.out(`${line}\n`);
  const progress = printedProgress({ print });
  const pathsOf = (name: string): LabPaths => labPaths(checkLabName(name), root);
  return {
    up: async (request) => {
      const paths = pathsOf(request.name);
      await interruptible(output, () =>
        withLock(paths, "lab up", async () => {
          // Nodes of a cluster leave it before their hosts go; only applying the stack can see to that.
          const keepSurplus = engineInUse(paths) !== undefined;
          const options = { ...upOptions(request), keepSurplus };
          const { state, changed, surplus } = await labUp(options, upParts(paths, progress, request));
          for (const { host } of surplus) {
            print(`  ${host} leaves the cluster, and is removed, with the next 'lab run'`);
          }
          print(changed ? summary(state) : `nothing changed: ${summary(state)}`);
        }),
      );
    },
    run: async (request) => {
      const paths = pathsOf(request.name);
      const options = { ...upOptions(request), engine: request.engine };
      await interruptible(output, () =>
        withLock(paths, "lab run", async () => {
          await labRun(options, upParts(paths, progress, request));
        }),
      );
    },
    status: async (request) => {
      const paths = pathsOf(request.name);
      const state = requireState(paths, request.name);
      const docker = await reachContainerEngine(paths);
      if (docker === undefined) {
        throw new LabError("the container engine that the lab's hosts are in does not answer", "start it");
      }
      const status = await labStatus(docker, paths, state);
      print(request.json === true ? JSON.stringify(status, undefined, 2) : statusLines(status).join("\n"));
      return status.hosts.every((host) => host.state === "running" && host.ssh !== false) ? 0 : 1;
    },
    ssh: async (host, command, request) => {
      const paths = pathsOf(request.name);
      const { hosts } = requireState(paths, request.name);
      if (hosts.every((one) => one.name !== host)) {
        throw new LabError(
          `there is no host ${host} in lab ${request.name}`,
          `it has ${hosts.map((one) => one.name).join(", ")}`,
        );
      }
      return await interactive("ssh", ["-F", paths.sshConfig, host, ...command]);
    },
    release: async (wanted, request) => {
      const paths = pathsOf(request.name);
      const state = requireState(paths, request.name);
      await withLock(paths, "lab release", async () => {
        for (const version of wanted) {
          const put = await ensureRelease(paths, state.k3s, version, progress);
          if (!put) print(`${version} is in the mirror already`);
        }
      });
    },
    down: async (request) => {
      const paths = pathsOf(request.name);
      const { wasThere, kept } = await withLock(paths, "lab down", () =>
        labDown(request.name, paths, progress, request.purge === true),
      );
      print(wasThere ? `lab ${request.name} is gone` : `there is no lab ${request.name}`);
      kept.forEach(print);
    },
    names: () => otherLabs(labPaths(DEFAULT_LAB, root), ""),
  };
}

function upOptions({ name, servers, agents, k3s, charts }: UpRequest): UpOptions {
  return { lab: name, servers, agents, charts, k3s: k3s === undefined ? undefined : k3sSource(k3s) };
}

function upParts(paths: LabPaths, progress: Progress, request: UpRequest): UpParts {
  return {
    paths,
    progress,
    consent: async () => request.installDocker === true || (await askForDocker()),
    artifacts: async (k3s) => await ensureRelease(paths, k3s, wantedK3sVersion(paths) ?? versions.k3s, progress),
    // Where k3s runs its containers, those of the chart issue the certificates.
    certManagerChart: async (k3s) => (k3s === "hollow" ? await ensureCertManagerChart(paths, progress) : undefined),
  };
}

async function askForDocker(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const question = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await question.question(
      "No container engine answers. Install Debian's docker.io where it is missing, and start a container engine for the lab only? [y/N] ",
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    question.close();
  }
}

function requireState(paths: LabPaths, lab: string): LabState {
  const state = readState(paths, lab);
  const name = lab === DEFAULT_LAB ? "" : ` --name ${lab}`;
  if (state === undefined) throw new LabError(`there is no lab ${lab}`, `make it with 'npx groundwork lab up${name}'`);
  return state;
}

function summary(state: LabState): string {
  const count = (role: "server" | "agent"): string => {
    const number = state.hosts.filter((host) => host.role === role).length;
    return `${String(number)} ${role}${number === 1 ? "" : "s"}`;
  };
  return `lab ${state.name} has ${count("server")} and ${count("agent")}`;
}

/** What is interrupted says how to go on; the next run cleans up. */
async function interruptible<T>({ err }: LabOutput, work: () => Promise<T>): Promise<T> {
  const onSignal = (signal: NodeJS.Signals): void => {
    err("groundwork: interrupted; the same command goes on from here, 'lab down' takes away what there is\n");
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  try {
    return await work();
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

async function interactive(program: string, args: readonly string[]): Promise<number> {
  return await new Promise((done, failed) => {
    const child = spawn(program, args, { stdio: "inherit" });
    child.on("error", (error) => {
      failed(new LabError(`${program} cannot be started: ${error.message}`));
    });
    child.on("close", (code) => {
      done(code ?? 255);
    });
  });
}
