import { KEEPALIVED_CONFIG } from "../../../desired/host/keepalived";
import type { Plan, PlanNode } from "../../model";
import type { Impact } from "./impacts";

/** The label of Kubernetes that says where a machine stands (kubernetes.io/docs/reference/labels-annotations-taints). */
const ZONE = "topology.kubernetes.io/zone";

/** A machine as the picture has it. */
export interface Machine {
  readonly name: string;
  /** `server` for one that answers the API; one that is lost does not. */
  readonly role: string;
  /** Below the name, a line each. */
  readonly lines: readonly string[];
  readonly impact: Impact | undefined;
}

export interface Zone {
  /** Empty where no node is said to be in a zone. */
  readonly name: string;
  readonly machines: readonly Machine[];
}

/** The machines by zone in the plan's order, servers first; those that leave are not in the plan any more and stand at the end. */
export function zonesOf({ nodes }: Plan, impacts: ReadonlyMap<string, Impact>, leaving: readonly Machine[]): Zone[] {
  const hasZones = nodes.some(({ labels }) => labels[ZONE] !== undefined);
  const zones = new Map<string, Machine[]>();
  for (const node of [...nodes].sort((a, b) => rank(a) - rank(b))) {
    const name = hasZones ? `zone ${node.labels[ZONE] ?? "not named"}` : "";
    zones.set(name, [...(zones.get(name) ?? []), machineOf(node, impacts.get(node.name))]);
  }
  const shown = [...zones].map(([name, machines]) => ({ name, machines }));
  return leaving.length === 0 ? shown : [...shown, { name: "not in the plan any more", machines: leaving }];
}

/** What is said of a machine that is only known by what happens to it. */
export function leavingMachine(name: string, role: string, impact: Impact): Machine {
  return { name, role, lines: [role], impact };
}

function rank({ role }: PlanNode): number {
  return role === "server" ? 0 : 1;
}

function machineOf(node: PlanNode, impact: Impact | undefined): Machine {
  const bears = node.files.some(({ path }) => path === KEEPALIVED_CONFIG);
  return {
    name: node.name,
    role: node.lost === true ? "lost" : node.role,
    lines: [
      `${node.role}${node.lost === true ? ", lost" : ""}${bears ? ", may bear the virtual IP" : ""}`,
      [node.internalIp ?? node.address, node.interface === undefined ? "" : `on ${node.interface}`]
        .filter((word) => word !== "")
        .join(" "),
    ],
    impact,
  };
}
