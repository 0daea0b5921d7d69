import { pathText } from "../problem";
import { isGroup } from "../schema/secretPaths";
import type { Settings } from "../settings";
import { error, type Check } from "./check";

type Values = Readonly<Record<string, unknown>>;

/** A value of a chart that a setting decides, and that outputs and other checks read from the setting. */
interface Decided {
  /** Where the add-on's settings are. */
  readonly addon: readonly string[];
  /** Path in the chart's values. */
  readonly value: string;
  /** Key of the setting, beside `values`. */
  readonly setting: string;
}

const DECIDED: readonly Decided[] = [
  { addon: ["storage", "longhorn"], value: "persistence.defaultClass", setting: "default" },
  { addon: ["storage", "longhorn"], value: "persistence.reclaimPolicy", setting: "reclaimPolicy" },
  { addon: ["storage", "longhorn"], value: "defaultSettings.defaultDataPath", setting: "dataPath" },
  { addon: ["ingress"], value: "controller.kind", setting: "kind" },
  { addon: ["ingress"], value: "controller.hostPort.enabled", setting: "hostPorts" },
  { addon: ["ingress"], value: "controller.service.type", setting: "serviceType" },
  { addon: ["ingress"], value: "controller.ingressClassResource.name", setting: "className" },
];

/** What a setting decides is not said otherwise in a chart's values: everything else would still go by the setting. */
export const decidedBySettings: Check = (settings) =>
  DECIDED.flatMap(({ addon, value, setting }) => {
    const own = addonAt(settings, addon);
    const found = own === undefined ? undefined : valueAt(own["values"] as Values, value.split("."));
    if (own === undefined || found === undefined || found === own[setting]) return [];
    return [
      error(
        pathText([...addon, "values", ...value.split(".")]),
        `${JSON.stringify(found)} is not what ${pathText([...addon, setting])} says (${JSON.stringify(own[setting])})`,
        `write it there and leave it out of values`,
      ),
    ];
  });

export const chartValueChecks: readonly Check[] = [decidedBySettings];

/** A value of a chart by its path; undefined where there is none. */
export function valueAt(values: Values, path: readonly string[]): unknown {
  return path.reduce<unknown>((group, key) => (isGroup(group) ? group[key] : undefined), values);
}

function addonAt(settings: Settings, path: readonly string[]): Values | undefined {
  return valueAt(settings, path) as Values | undefined;
}
