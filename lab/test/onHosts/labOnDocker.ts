import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labPaths, type LabPaths } from "../../paths";
import { readState, type LabState } from "../../state";
import { type LabVerbs, labVerbs } from "../../verbs";

/** Why no lab can be made here; undefined when one can. */
export function whyNoLab(): string | undefined {
  const version = spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { encoding: "utf8" });
  if (version.error !== undefined) return "the docker command is not on this machine";
  return version.status === 0 ? undefined : "no container engine answers";
}

/** A checkout of its own in a temporary directory, with a stand-in for the k3s binary. */
export interface TestCheckout {
  readonly root: string;
  /** Path of a file to be given as `--k3s`. */
  readonly k3s: string;
  readonly verbs: LabVerbs;
  /** What the verbs printed since the last call. */
  readonly output: () => string;
  readonly paths: (lab: string) => LabPaths;
  readonly state: (lab: string) => LabState;
  readonly remove: () => void;
}

export function testCheckout(): TestCheckout {
  const root = mkdtempSync(join(tmpdir(), "groundwork-lab-test-"));
  const k3s = join(root, "k3s");
  writeFileSync(k3s, "#!/bin/sh\necho 'k3s version v1.36.4+k3s1 (a stand-in)'\n");
  chmodSync(k3s, 0o755);
  let printed = "";
  const print = (text: string): void => {
    printed += text;
  };
  return {
    root,
    k3s,
    verbs: labVerbs({ out: print, err: print }, root),
    output: () => {
      const text = printed;
      printed = "";
      return text;
    },
    paths: (lab) => labPaths(lab, root),
    state: (lab) => {
      const state = readState(labPaths(lab, root), lab);
      if (state === undefined) throw new Error(`no lab ${lab}`);
      return state;
    },
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Output of a docker command. */
export function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Everything that the container engine has of a lab: containers, networks and volumes. */
export function remains(lab: string): string[] {
  const filter = ["--filter", `label=groundwork.lab=${lab}`, "--quiet"];
  return [docker("ps", "--all", ...filter), docker("network", "ls", ...filter), docker("volume", "ls", ...filter)]
    .flatMap((text) => text.split("\n"))
    .filter((line) => line !== "");
}

/** Ids of a lab's containers by host, with the time of their start: the same text, the same untouched hosts. */
export function running(lab: string): Map<string, string> {
  const ids = docker("ps", "--quiet", "--no-trunc", "--filter", `label=groundwork.lab=${lab}`).split("\n");
  const format = '{{index .Config.Labels "groundwork.lab.host"}} {{.Id}} {{.State.StartedAt}}';
  const lines = docker("inspect", "--format", format, ...ids).split("\n");
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", line]));
}

/** Runs a command on a host over SSH, as a stack does. */
export function ssh(
  paths: LabPaths,
  host: string,
  command: string,
  ...options: string[]
): { code: number; out: string } {
  const done = spawnSync("ssh", ["-F", paths.sshConfig, "-o", "BatchMode=yes", ...options, host, command], {
    encoding: "utf8",
    timeout: 30_000,
  });
  return { code: done.status ?? -1, out: `${done.stdout}${done.stderr}`.trim() };
}
