import type { Files } from "./files";

/** What a unit with its drop-ins runs. */
export interface UnitFile {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** What runs before it, each a program and its arguments. */
  readonly before: readonly (readonly string[])[];
  /** `NAME=value` of the unit itself. */
  readonly environment: readonly string[];
  readonly environmentFiles: readonly string[];
  readonly dropIns: readonly string[];
}

/** Reads a unit as systemd does: lines that go on after a backslash, quoted words, `ExecStart=` that takes the ones before it away. */
export function unitOf(files: Files, name: string): UnitFile {
  const folder = `/etc/systemd/system/${name}.service.d`;
  const dropIns = files.list(folder).map((file) => `${folder}/${file}`);
  const texts = [`/etc/systemd/system/${name}.service`, ...dropIns].map((path) => files.read(path) ?? "");
  let command: string[] = [];
  const before: string[][] = [];
  const environment: string[] = [];
  const environmentFiles: string[] = [];
  for (const line of texts.flatMap((text) => text.replaceAll(/\\\n\s*/g, " ").split("\n"))) {
    const [, key = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === "ExecStart") command = wordsOf(value);
    if (key === "ExecStartPre") before.push(wordsOf(value));
    if (key === "Environment") environment.push(...wordsOf(value));
    if (key === "EnvironmentFile") environmentFiles.push(value.replace(/^-/, "").replace("%N", name));
  }
  return { command, before, environment, environmentFiles, dropIns };
}

/** The environment that a unit's process gets. */
export function environmentOf(files: Files, unit: UnitFile): Record<string, string> {
  const lines = unit.environmentFiles.flatMap((path) => (files.read(path) ?? "").split("\n"));
  const pairs = [...unit.environment, ...lines].flatMap((line) => {
    const [, key = "", value = ""] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trim()) ?? [];
    return key === "" ? [] : [[key, value.replace(/^(["'])(.*)\1$/, "$2")] as const];
  });
  return Object.fromEntries(pairs);
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
}
