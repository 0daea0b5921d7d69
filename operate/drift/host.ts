import { GroundworkError } from "../../config/groundworkError";
import type { HostProgram } from "../../desired/host/program";
import type { DesiredNode } from "../../desired/nodes";
import { failureOf } from "../facts";
import type { HostAnswer } from "../host";

/** A file of ours as a host has it. */
export interface FileState {
  readonly path: string;
  /** `extra`: it is there, and the settings do not ask for it any more. */
  readonly state: "same" | "differs" | "missing" | "extra";
  /** Octal; empty where the file is not there. */
  readonly mode: string;
  readonly wantedMode: string;
  /** What its change means for k3s. */
  readonly effect: string;
  /** Lines that only the host has, and lines that only the settings have. */
  readonly more: number;
  readonly less: number;
  /** Those lines with `+` and `-` before them; empty unless they were asked for. */
  readonly lines: readonly string[];
}

/** A host as it is, in the terms of what `up` makes of it. */
export interface HostState {
  /** `project/stack/node` of its mark; empty where it has none. */
  readonly owner: string;
  readonly files: readonly FileState[];
  /** Files that k3s or systemd reads as well and that are not ours. */
  readonly foreign: readonly string[];
  readonly units: readonly {
    readonly name: string;
    /** systemd's words: `active`, `failed`; `enabled`, `disabled`, `masked`. */
    readonly active: string;
    readonly enabled: string;
    /** systemd has another text of it in memory than is on the disk. */
    readonly isStale: boolean;
  }[];
  readonly binary: {
    readonly version: string;
    readonly sum: string;
    /** As `uname -m` says it. */
    readonly machine: string;
    /** The sum of the release as it was when it was installed; empty where that is not known. */
    readonly stamped: string;
  };
  /** Kernel settings as they are now; empty where the kernel does not have one. */
  readonly sysctls: ReadonlyMap<string, string>;
  readonly missingPackages: readonly string[];
  readonly swaps: readonly string[];
}

/** The names of the kernel settings that a node's file of ours sets, and whether one may be missing. */
export function sysctlsOf({
  files,
}: Pick<DesiredNode, "files">): { key: string; value: string; isOptional: boolean }[] {
  const content = files.put.find(({ path }) => path.startsWith("/etc/sysctl.d/"))?.content ?? "";
  return content.split("\n").flatMap((line) => {
    const [, optional, key, value] = /^(-?)([\w.-]+) = (\S+)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [{ key, value, isOptional: optional === "-" }];
  });
}

/** What the comparison needs of what converge is given. */
const FACTS = [
  ...["project", "stack", "node", "role", "k3s_version", "packages", "swap_off"],
  ...["join", "peers", "managed_files", "given_files", "kernel_parameters", "mesh"],
];

/** The program that compares: what `up` gives the host, with parts that look instead of changing. */
export function driftProgram(node: DesiredNode, showLines: boolean): HostProgram {
  const { files, facts } = node.steps.host.program;
  const sysctls = sysctlsOf(node).map(({ key }) => key);
  return {
    title: `what ${node.name} is, beside what it is to be`,
    facts: {
      ...Object.fromEntries(FACTS.map((name) => [name, facts[name] ?? ""])),
      sysctls: sysctls.join(" "),
      show_lines: showLines ? "yes" : "no",
    },
    secrets: [],
    files,
    parts: ["report", "owner", "packages", "drift"],
    verbs: ["drift"],
  };
}

/**
 * What the program said.
 *
 * @throws GroundworkError with its own error where it failed, or when it was cut off.
 */
export function hostStateOf(answer: HostAnswer): HostState {
  if (answer.code !== 0) throw new GroundworkError("failed", failureOf(answer));
  const said = new Map<string, string[]>();
  const files: FileState[] = [];
  let lines: string[] = [];
  for (const line of answer.stdout.split("\n")) {
    const [, name = "", value = ""] = /^([a-z]+)=(.*)$/.exec(line) ?? [];
    if (name === "line") lines.push(value);
    else if (name === "file") {
      files.push(fileState(value, lines));
      lines = [];
    } else said.set(name, [...(said.get(name) ?? []), value]);
  }
  if (!said.has("compared")) throw new GroundworkError("failed", "the comparison was cut off");
  const all = (name: string): string[] => said.get(name) ?? [];
  const [version = "", sum = "", machine = "", stamped = ""] = (all("binary")[0] ?? "").split("|");
  return {
    owner: all("owner")[0] ?? "",
    files,
    foreign: all("foreign"),
    units: all("unit").map((text) => {
      const [name = "", active = "", enabled = "", stale = ""] = text.split("|");
      return { name, active, enabled, isStale: stale === "yes" };
    }),
    binary: { version, sum, machine, stamped },
    sysctls: new Map(
      all("sysctl").map((text): [string, string] => [text.split("|")[0] ?? "", text.split("|")[1] ?? ""]),
    ),
    missingPackages: all("package"),
    swaps: all("swap"),
  };
}

function fileState(text: string, lines: readonly string[]): FileState {
  const [state, mode = "", wantedMode = "", effect = "", more, less, ...path] = text.split("|");
  return {
    path: path.join("|"),
    state: state as FileState["state"],
    mode,
    wantedMode,
    effect,
    more: Number(more),
    less: Number(less),
    lines,
  };
}
