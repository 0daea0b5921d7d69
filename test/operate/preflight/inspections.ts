import { allNodes } from "../../../desired/nodes";
import type { HostFacts, Inspection } from "../../../operate/preflight/inspection";
import type { Settings } from "../../../config/settings";
import { desiredCluster } from "../../../desired/cluster";
import { settingsOf } from "../../program";

/** A site of nodes that were looked at, each with facts of its own. */
export function siteOf(
  changes: Record<string, unknown> = {},
  facts: (name: string, at: number) => Partial<HostFacts> = () => ({}),
): { readonly settings: Settings; readonly inspections: Inspection[] } {
  const settings = { ...settingsOf(changes), stack: "test" };
  const inspections = allNodes(desiredCluster(settings, "groundwork").nodes).map((node, at): Inspection => {
    const own: HostFacts = {
      hostname: node.name,
      machineId: `id of ${node.name}`,
      initiator: "",
      addresses: [
        { address: `192.0.2.${String(at + 1)}`, on: "eth0" },
        { address: `10.9.0.${String(at + 1)}`, on: "wg0" },
        { address: `fd00::${String(at + 1)}`, on: "wg0" },
      ],
      defaultInterface: "eth0",
      mtu: 1500,
    };
    return { node, findings: [], facts: { ...own, ...facts(node.name, at) } };
  });
  return { settings, inspections };
}
