import * as pulumi from "@pulumi/pulumi";
import { engineSource, loadSettings } from "./config/read/load";
import type { SettingsSource } from "./config/read/source";
import { buildInventory } from "./inventory/inventory";
import { K3sCluster } from "./components/k3s/cluster";
import { Addons } from "./components/addons/addons";
import { ClusterIssuers } from "./components/issuers/clusterIssuers";
import { Namespaces } from "./components/namespaces/namespaces";
import { outputsOf } from "./components/outputs";
import type { StackOutputs } from "./components/outputs";

/** The whole program: from a stack's settings to a cluster. The engine, the plan, the tests and the Automation API run this. */
export function groundwork(source: SettingsSource = engineSource()): StackOutputs {
  const settings = loadSettings(source, pulumi.getStack());
  const inventory = buildInventory(settings);
  const cluster = new K3sCluster("cluster", { settings, inventory });
  new Namespaces("namespaces", { namespaces: settings.namespaces, target: cluster.target });
  const addons = new Addons("addons", { settings, target: cluster.target });
  new ClusterIssuers("issuers", {
    issuers: settings.issuers,
    email: settings.certificates.email,
    ingressClass: settings.ingress.className,
    target: cluster.target,
    dependsOn: addons.certificates,
  });
  return outputsOf({ settings, inventory, cluster });
}
