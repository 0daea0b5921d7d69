import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { LabError } from "../error";
import type { LabPaths } from "../paths";
import { run } from "../../process/run";
import { isRunning, startTimeOf } from "../processIdentity";
import type { Progress } from "../progress";
import { writeFileAtomically } from "../state";
import { type Docker, dockerCli } from "./docker";
import { aptInstall } from "./image";
import { isDebianRoot } from "./machine";

const recordSchema = z.object({
  pid: z.number(),
  startTime: z.string(),
  /** Which of {@link ENGINE_TRACES} were not there before. */
  traces: z.array(z.string()).default([]),
});
type EngineRecord = z.output<typeof recordSchema>;

/** Directories that dockerd and its containerd make wherever they are told to run, and leave. */
const ENGINE_TRACES: readonly string[] = ["/run/docker", "/run/containerd"];

/** Whether the lab may install Docker and start an engine: said beforehand, or asked for. */
export type Consent = () => Promise<boolean>;

/**
 * The engine for labs: the one that a lab of this checkout started earlier, otherwise the user's own, otherwise a new
 * one that is started here, with consent, and stopped with the last lab.
 *
 * @throws LabError when there is none and none may be started.
 */
export async function findEngine(paths: LabPaths, progress: Progress, consent: Consent): Promise<Docker> {
  if (existsSync(recordPath(paths))) return await startEngine(paths, progress);
  const users = await usersEngine();
  if (users !== undefined) return users;
  if (!isDebianRoot()) {
    throw new LabError(
      "no Docker engine answers on this machine",
      "install and start Docker, or run this as root on Debian, where the lab can do it itself",
    );
  }
  if (!(await consent())) {
    throw new LabError(
      "no Docker engine answers on this machine",
      "start it, or add --install-docker: the lab then installs Debian's docker.io and starts an engine of its own",
    );
  }
  if ((await run("dockerd", ["--version"])).code !== 0 || (await run("docker", ["--version"])).code !== 0) {
    await progress.step("Docker (Debian's docker.io)", async (tell) => {
      await aptInstall(["docker.io", "iptables"], tell);
    });
    const installed = await usersEngine();
    if (installed !== undefined) return installed;
  }
  return await startEngine(paths, progress);
}

/** The engine in which labs of this checkout may be, without starting one; undefined when none answers. */
export async function reachEngine(paths: LabPaths): Promise<Docker | undefined> {
  if (existsSync(recordPath(paths))) {
    const own = dockerCli(socketPath(paths));
    return (await answers(own)) ? own : undefined;
  }
  return await usersEngine();
}

/** Stops the engine that a lab started, verified by its pid and start time, and removes its data. */
export async function stopEngine(paths: LabPaths, progress: Progress): Promise<void> {
  if (!existsSync(recordPath(paths))) return;
  await progress.step("the lab's own Docker engine stopped", async () => {
    const engine = readRecord(paths);
    if (engine !== undefined && isRunning(engine)) {
      process.kill(engine.pid, "SIGTERM");
      for (let waited = 0; isRunning(engine) && waited < 30_000; waited += 200) await sleep(200);
      if (isRunning(engine)) process.kill(engine.pid, "SIGKILL");
    }
    for (const directory of [paths.engineRun, paths.engine]) {
      await unmountUnder(directory);
      rmSync(directory, { recursive: true, force: true });
    }
    for (const trace of engine?.traces ?? []) removeEmptyTree(trace);
  });
}

/** Removes a directory of nothing but directories; with a file or socket in it, another engine uses it. */
function removeEmptyTree(directory: string): void {
  if (!existsSync(directory)) return;
  const files = readdirSync(directory, { withFileTypes: true, recursive: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  if (files.length === 0) rmSync(directory, { recursive: true, force: true });
}

/** An engine that was killed leaves mounts; what is mounted cannot be removed. */
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

async function usersEngine(): Promise<Docker | undefined> {
  const remote = process.env["DOCKER_HOST"] ?? "";
  if (remote !== "" && !remote.startsWith("unix://")) {
    throw new LabError(
      `DOCKER_HOST is ${remote}, and the lab publishes its hosts on this machine only`,
      "unset DOCKER_HOST to use this machine's engine",
    );
  }
  const docker = dockerCli();
  const version = await docker.try(["version", "--format", "{{.Server.Version}}"], { timeoutMs: 20_000 });
  if (version.code === 0) return docker;
  if (/permission denied/i.test(version.stderr)) {
    throw new LabError("the Docker engine refuses this user", "run this as root, or as a member of the group docker");
  }
  return undefined;
}

async function startEngine(paths: LabPaths, progress: Progress): Promise<Docker> {
  const docker = dockerCli(socketPath(paths));
  const before = readRecord(paths);
  const traces = before?.traces ?? ENGINE_TRACES.filter((path) => !existsSync(path));
  if (before !== undefined && isRunning(before) && (await answers(docker))) return docker;

  await progress.step("a Docker engine of the lab's own", async () => {
    mkdirSync(paths.engine, { recursive: true });
    mkdirSync(paths.engineRun, { recursive: true, mode: 0o700 });
    const pidFile = join(paths.engineRun, "docker.pid");
    if (before === undefined || !isRunning(before)) rmSync(pidFile, { force: true });
    const log = openSync(join(paths.engine, "dockerd.log"), "a");
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
    const ready = waitForEngine(docker, child.pid, traces, paths);
    failed.catch(() => undefined);
    ready.catch(() => undefined);
    await Promise.race([ready, failed]);
    child.removeAllListeners();
    child.unref();
  });
  return docker;
}

async function waitForEngine(
  docker: Docker,
  pid: number | undefined,
  traces: readonly string[],
  paths: LabPaths,
): Promise<void> {
  if (pid === undefined) return;
  const identity: EngineRecord = { pid, startTime: startTimeOf(pid) ?? "", traces: [...traces] };
  // Recorded before it answers: an interrupted start is found and stopped by 'lab down' too.
  writeFileAtomically(recordPath(paths), JSON.stringify(identity));
  for (let waited = 0; waited < 60_000; waited += 250) {
    if (await answers(docker)) return;
    await sleep(250);
  }
  throw new LabError(`the lab's Docker engine does not answer after 60 s; its last line: ${lastLogLine(paths)}`);
}

/** An engine apart from any other: nothing in Docker's usual places, and no default bridge, which labs do not use. */
function dockerdArgs(paths: LabPaths, pidFile: string): string[] {
  return [
    "--data-root",
    join(paths.engine, "data"),
    "--exec-root",
    join(paths.engineRun, "exec"),
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
  return join(paths.engine, "engine.json");
}

function socketPath(paths: LabPaths): string {
  return join(paths.engineRun, "docker.sock");
}

function readRecord(paths: LabPaths): EngineRecord | undefined {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(readFileSync(recordPath(paths), "utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function lastLogLine(paths: LabPaths): string {
  try {
    return readFileSync(join(paths.engine, "dockerd.log"), "utf8").trim().split("\n").at(-1) ?? "";
  } catch {
    return "none";
  }
}
