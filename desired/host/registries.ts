import { stringify } from "yaml";
import { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import type { SecretFile } from "./hostFile";
import { K3S_DIRECTORY } from "./k3sConfig";
import { secretText } from "./secretText";

/** Where k3s reads registries from, at its start only (docs.k3s.io/installation/private-registry). */
export const REGISTRIES = `${K3S_DIRECTORY}/registries.yaml`;

/** `/etc/rancher/k3s/registries.yaml`, or undefined where there are no registries of the stack's. */
export function registriesFile({ k3s }: Settings, _place: NodePlace): SecretFile | undefined {
  const { registries } = k3s;
  if (registries === undefined) return undefined;
  return {
    path: REGISTRIES,
    mode: "600",
    effect: "restart",
    label: "registries",
    ...secretText((show) => stringify(revealed(registries, show), { lineWidth: 0 })),
  };
}

function revealed(value: unknown, show: (secret: Secret) => string): unknown {
  if (value instanceof Secret) return show(value);
  if (Array.isArray(value)) return value.map((each) => revealed(each, show));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, revealed(each, show)]])),
  );
}
