import assert from "node:assert/strict";
import { main } from "../../../cli/groundwork";
import type { Finding } from "../../../operate/finding";
import { plainPaint } from "../../../plan/render/paint";
import type { ClusterOnLab } from "./clusterOnLab";

/** How a verb ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a verb about the lab's stack in this process, as a person does in its checkout with the passphrase known. */
export async function groundwork(lab: ClusterOnLab, ...words: string[]): Promise<Said> {
  return await groundworkAnywhere(lab, ...words, "--stack", `lab-${lab.name}`);
}

/** Runs a verb that is about no stack. */
export async function groundworkAnywhere(lab: ClusterOnLab, ...words: string[]): Promise<Said> {
  let out = "";
  let err = "";
  const code = await main(words, {
    cwd: lab.paths.root,
    env: { PATH: "/usr/bin:/bin", PULUMI_CONFIG_PASSPHRASE_FILE: lab.paths.passphrase },
    width: 200,
    paint: plainPaint,
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

/** What doctor calls an error, in short; its exit code says the same. */
export async function doctorErrors(lab: ClusterOnLab): Promise<string[]> {
  const { code, out } = await groundwork(lab, "doctor", "--json");
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  const found = findings.filter(({ level }) => level === "error");
  assert.equal(code, found.length === 0 ? 0 : 1);
  return found.map(({ check, where, message }) => `${check}${where === undefined ? "" : ` ${where}`}: ${message}`);
}
