import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { LabError } from "../error";
import type { LabPaths } from "../paths";
import { run } from "../../process/run";
import { isRunning, startTimeOf } from "../../process/processIdentity";
import type { Progress } from "../progress";
import { writeFileAtomically } from "../state";
import { type Docker, dockerCli } from "./docker";
import { aptInstall } from "./image";
import { isDebianRoot } from "./machine";

const recordSchema = z.object({
  pid: z.number(),
  startTime: z.string(),
  /** Which of {@link DOCKER_TRACES} were not there before. */
  traces: z.array(z.string()).default([]),
});
type ContainerEngineRecord = z.output<typeof recordSchema>;

/** Directories that dockerd and its containerd make wherever they are told to run, and leave. */
const DOCKER_TRACES: readonly string[] = ["/run/docker", "/run/containerd"];

/** Whether the lab may install Docker and start a container engine: said beforehand, or asked for. */
export type Consent = () => Promise<boolean>;

/**
 * The container engine for labs: the one that a lab of this checkout started earlier, otherwise the user's own, otherwise a new
 * one that is started here, with consent, and stopped with the last lab.
 *
 * @throws LabError when there is none and none may be started.
 */
export async function findContainerEngine(paths: LabPaths, progress: Progress, consent: Consent): Promise<Docker> {
  if (existsSync(recordPath(paths))) return await startContainerEngine(paths, progress);
  const users = await usersContainerEngine();
  if (users !== undefined) return users;
  if (!isDebianRoot()) {
    throw new LabError(
      "no container engine answers on this machine",
      "install and start Docker, or run this as root on Debian, where the lab can do it itself",
    );
  }
  if (!(await consent())) {
    throw new LabError(
      "no container engine answers on this machine",
      "start it, or add --install-docker: the lab then installs Debian's docker.io and starts a container engine of its own",
    );
  }
  if ((await run("dockerd", ["--version"])).code !== 0 || (await run("docker", ["--version"])).code !== 0) {
    await progress.step("Docker (Debian's docker.io)", async (tell) => {
      await aptInstall(["docker.io", "iptables"], tell);
    });
    const installed = await usersContainerEngine();
    if (installed !== undefined) return installed;
  }
  return await startContainerEngine(paths, progress);
}

/** The container engine in which labs of this checkout may be, without starting one; undefined when none answers. */
export async function reachContainerEngine(paths: LabPaths): Promise<Docker | undefined> {
  if (existsSync(recordPath(paths))) {
    const own = dockerCli(socketPath(paths));
    return (await answers(own)) ? own : undefined;
  }
  return await usersContainerEngine();
}

/** Stops the container engine that a lab started, verified by its pid and start time, and removes its data. */
export async function stopContainerEngine(paths: LabPaths, progress: Progress): Promise<void> {
  if (!existsSync(recordPath(paths))) return;
  await progress.step("the lab's own container engine stopped", async () => {
    const record = readRecord(paths);
    if (record !== undefined && isRunning(record)) {
      process.kill(record.pid, "SIGTERM");
      for (let waited = 0; isRunning(record) && waited < 30_000; waited += 200) await sleep(200);
      if (isRunning(record)) process.kill(record.pid, "SIGKILL");
    }
    for (const directory of [paths.containerEngineRun, paths.containerEngine]) {
      await unmountUnder(directory);
      rmSync(directory, { recursive: true, force: true });
    }
    for (const trace of record?.traces ?? []) removeEmptyTree(trace);
  });
}

/** Removes a directory of nothing but directories; with a file or socket in it, another container engine uses it. */
function removeEmptyTree(directory: string): void {
  if (!existsSync(directory)) return;
  const files = readdirSync(directory, { withFileTypes: true, recursive: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  if (files.length === 0) rmSync(directory, { recursive: true, force: true });
}

/** A container engine that was killed leaves mounts; what is mounted cannot be removed. */
async function unmountUnder(directory: string): Promise<void> {
  for (const path of mountsUnder(directory, readFileSync("/proc/self/mounts", "utf8"))) {
    const outcome = await run("umount", [path]);
    if (outcome.code !== 0) {
      throw new LabError(`${path} cannot be unmounted: ${outcome.stderr.trim()}`, "repeat the command");
    }
  }
}

/** Mount points at or under a directory in the text of /proc/mounts (fstab(5): blanks are \\040), innermost first. */
export function mountsUnder(directory: string, mounts: string): string[] {
  return mounts
    .split("\n")
    .map((line) => (line.split(" ")[1] ?? "").replaceAll("\\040", " "))
    .filter((path) => path === directory || path.startsWith(`${directory}/`))
    .reverse();
}

async function usersContainerEngine(): Promise<Docker | undefined> {
  const remote = process.env["DOCKER_HOST"] ?? "";
  if (remote !== "" && !remote.startsWith("unix://")) {
    throw new LabError(
      `DOCKER_HOST is ${remote}, and the lab publishes its hosts on this machine only`,
      "unset DOCKER_HOST to use this machine's container engine",
    );
  }
  const docker = dockerCli();
  const version = await docker.try(["version", "--format", "{{.Server.Version}}"], { timeoutMs: 20_000 });
  if (version.code === 0) return docker;
  if (/permission denied/i.test(version.stderr)) {
    throw new LabError(
      "the container engine refuses this user",
      "run this as root, or as a member of the group docker",
    );
  }
  return undefined;
}

async function startContainerEngine(paths: LabPaths, progress: Progress): Promise<Docker> {
  const docker = dockerCli(socketPath(paths));
  const before = readRecord(paths);
  const traces = before?.traces ?? DOCKER_TRACES.filter((path) => !existsSync(path));
  if (before !== undefined && isRunning(before) && (await answers(docker))) return docker;

  await progress.step("a container engine of the lab's own", async () => {
    mkdirSync(paths.containerEngine, { recursive: true });
    mkdirSync(paths.containerEngineRun, { recursive: true, mode: 0o700 });
    const pidFile = join(paths.containerEngineRun, "docker.pid");
    if (before === undefined || !isRunning(before)) rmSync(pidFile, { force: true });
    const log = openSync(join(paths.containerEngine, "dockerd.log"), "a");
    const child = spawn("dockerd", dockerdArgs(paths, pidFile), { detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    const failed = new Promise<never>((_, reject) => {
      child.on("error", (error) => {
        reject(new LabError(`dockerd cannot be started: ${error.message}`));
      });
      child.on("exit", () => {
        reject(new LabError(`dockerd ended at once; its last line: ${lastLogLine(paths)}`));
      });
    });
    const ready = waitForContainerEngine(docker, child.pid, traces, paths);
    failed.catch(() => undefined);
    ready.catch(() => undefined);
    await Promise.race([ready, failed]);
    child.removeAllListeners();
    child.unref();
  });
  return docker;
}

async function waitForContainerEngine(
  docker: Docker,
  pid: number | undefined,
  traces: readonly string[],
  paths: LabPaths,
): Promise<void> {
  if (pid === undefined) return;
  const identity: ContainerEngineRecord = { pid, startTime: startTimeOf(pid) ?? "", traces: [...traces] };
  // Recorded before it answers: an interrupted start is found and stopped by 'lab down' too.
  writeFileAtomically(recordPath(paths), JSON.stringify(identity));
  for (let waited = 0; waited < 60_000; waited += 250) {
    if (await answers(docker)) return;
    await sleep(250);
  }
  throw new LabError(`the lab's container engine does not answer after 60 s; its last line: ${lastLogLine(paths)}`);
}

/** A container engine apart from any other: nothing in Docker's usual places, and no default bridge, which labs do not use. */
function dockerdArgs(paths: LabPaths, pidFile: string): string[] {
  return [
    "--data-root",
    join(paths.containerEngine, "data"),
    "--exec-root",
    join(paths.containerEngineRun, "exec"),
    "--pidfile",
    pidFile,
    "--host",
    `unix://${socketPath(paths)}`,
    "--bridge",
    "none",
  ];
}

async function answers(docker: Docker): Promise<boolean> {
  return (await docker.try(["version", "--format", "{{.Server.Version}}"], { timeoutMs: 10_000 })).code === 0;
}

function recordPath(paths: LabPaths): string {
  return join(paths.containerEngine, "engine.json");
}

function socketPath(paths: LabPaths): string {
  return join(paths.containerEngineRun, "docker.sock");
}

function readRecord(paths: LabPaths): ContainerEngineRecord | undefined {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(readFileSync(recordPath(paths), "utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function lastLogLine(paths: LabPaths): string {
  try {
    return readFileSync(join(paths.containerEngine, "dockerd.log"), "utf8").trim().split("\n").at(-1) ?? "";
  } catch {
    return "none";
  }
}
