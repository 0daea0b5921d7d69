import type { DesiredNode } from "../../desired/nodes";
import type { Drift } from "./finding";
import { sysctlsOf, type FileState, type HostState } from "./host";

const REPAIR = "groundwork drift --repair, then up";

/** All that a host has otherwise than its node is to have it. Pure. */
export function compareHost(node: DesiredNode, state: HostState): Drift[] {
  return [
    ...compareOwner(node, state),
    ...state.files.flatMap((file) => compareFile(node, file)),
    ...state.foreign.map((path) =>
      drift(
        node,
        "foreign-file",
        "hand",
        `${path} is read as well, and is not Groundwork's`,
        foreignRemedy(node, path),
      ),
    ),
    ...compareUnits(node, state),
    ...compareBinary(node, state),
    ...compareKernel(node, state),
    ...comparePackages(node, state),
    ...state.swaps.map((device) => drift(node, "swap", "up", `${device} is used as swap, though k3s.swapOff is set`)),
  ];
}

function drift(
  { name }: Pick<DesiredNode, "name">,
  check: string,
  mendedBy: Drift["mendedBy"],
  message: string,
  remedy = REPAIR,
): Drift {
  return { check, where: name, level: "error", message, remedy, mendedBy };
}

function compareOwner(node: DesiredNode, { owner }: HostState): Drift[] {
  const { project = "", stack = "" } = node.steps.host.program.facts;
  const wanted = `${project}/${stack}/${node.name}`;
  if (owner === wanted) return [];
  if (owner === "") {
    return [drift(node, "owner", "up", "the host has no mark of Groundwork's (/var/lib/groundwork/owner)")];
  }
  const remedy = "this may be another machine than you think: compare its address, and see 'groundwork status'";
  return [drift(node, "owner", "hand", `the host's mark is ${owner}, expected ${wanted}`, remedy)];
}

/** k3s reads these at its start, so bringing them back restarts it. */
function mender(effect: string): "up" | "drained up" {
  return effect === "restart" || effect === "unit" ? "drained up" : "up";
}

function compareFile(node: DesiredNode, file: FileState): Drift[] {
  const by = mender(file.effect);
  switch (file.state) {
    case "missing":
      return [drift(node, "file", by, `${file.path} is missing`)];
    case "extra":
      return [drift(node, "file", by, `${file.path} is there, and should not be`)];
    case "differs":
      return [
        drift(node, "file", by, `${file.path} was changed: ${linesThatDiffer(file)}`),
        ...compareMode(node, file),
      ];
    case "same":
      return compareMode(node, file);
  }
}

function linesThatDiffer({ more, less }: FileState): string {
  const parts = [
    ...(more > 0 ? [`${String(more)} ${more === 1 ? "line" : "lines"} more`] : []),
    ...(less > 0 ? [`${String(less)} ${less === 1 ? "line" : "lines"} missing`] : []),
  ];
  return parts.length === 0 ? "its content is another one" : parts.join(", ");
}

function compareMode(node: DesiredNode, { path, mode, wantedMode }: FileState): Drift[] {
  if (mode === wantedMode) return [];
  return [drift(node, "mode", "up", `${path} has mode ${mode}, expected ${wantedMode}`)];
}

function foreignRemedy({ role }: DesiredNode, path: string): string {
  const setting = path.startsWith("/etc/rancher/") ? `k3s.${role} or nodes[].k3s` : "a setting of the stack file";
  return `say it by ${setting} and remove the file; it is never removed by Groundwork`;
}

function comparePackages(node: DesiredNode, { missingPackages }: HostState): Drift[] {
  const { prepare_hosts: prepares } = node.steps.host.program.facts;
  return missingPackages.map((name) => {
    const message = `the package for ${name} is not installed`;
    if (prepares === "yes") return drift(node, "package", "up", message);
    return drift(node, "package", "hand", message, "install it, or set k3s.prepareHosts: true");
  });
}

function compareUnits(node: DesiredNode, { units }: HostState): Drift[] {
  return units.flatMap(({ name, active, enabled, isStale }) => [
    ...(active === "active" ? [] : [drift(node, "service", "up", `${name} is ${active}`)]),
    ...(enabled === "enabled"
      ? []
      : [
          drift(
            node,
            "service",
            "up",
            `${name} is ${enabled === "" ? "not known to systemd" : enabled}: it does not start at boot`,
          ),
        ]),
    ...(isStale ? [drift(node, "service", "up", `systemd has an older text of ${name} than its files`)] : []),
  ]);
}

function compareBinary(node: DesiredNode, { binary }: HostState): Drift[] {
  const { version, sum, machine, stamped } = binary;
  if (version === "") return [drift(node, "k3s", "drained up", "/usr/local/bin/k3s is missing")];
  if (version !== node.version) {
    return [drift(node, "k3s", "drained up", `k3s ${version} is installed, expected ${node.version}`)];
  }
  const pinned = node.steps.host.program.facts[`sha256_${architectureOf(machine)}`] ?? "";
  const expected = pinned === "" ? stamped : pinned;
  if (expected === "" || sum === expected) return [];
  const message = `/usr/local/bin/k3s is not the release ${version}: its SHA-256 is ${sum}, expected ${expected}`;
  return [drift(node, "k3s", "drained up", message)];
}

/** Kubernetes' name of what `uname -m` says. */
function architectureOf(machine: string): string {
  if (machine === "x86_64") return "amd64";
  return machine === "aarch64" || machine === "arm64" ? "arm64" : "arm";
}

function compareKernel(node: DesiredNode, { sysctls }: HostState): Drift[] {
  const { prepare_hosts: prepares } = node.steps.host.program.facts;
  const remedy = prepares === "yes" ? REPAIR : "sysctl --system there, or set k3s.prepareHosts: true";
  return sysctlsOf(node).flatMap(({ key, value, isOptional }) => {
    const now = sysctls.get(key) ?? "";
    if (now === value || (now === "" && isOptional)) return [];
    const message = `${key} is ${now === "" ? "not there" : now}, expected ${value}`;
    return [drift(node, "sysctl", prepares === "yes" ? "up" : "hand", message, remedy)];
  });
}
