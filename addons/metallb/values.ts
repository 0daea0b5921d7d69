import type { HelmValues } from "../mergeValues";
import type { Value } from "../resources";
import type { MetallbSettings } from "./settings";

/** Values of MetalLB 0.16. */
export function metallbValues(): HelmValues {
  const small = { requests: { cpu: "10m", memory: "64Mi" } };
  return {
    // For BGP only; what is announced here is by ARP and NDP, which the speaker does alone.
    frrk8s: { enabled: false },
    // Its pods are ready before their webhook answers, and pools that are made right after the release would be refused.
    // MetalLB itself refuses what is wrong in them as well.
    crds: { validationFailurePolicy: "Ignore" },
    controller: { resources: small },
    speaker: { resources: small },
  };
}

type Pool = MetallbSettings["pools"][string];

/** Spec of an IPAddressPool. https://metallb.io/apis/#ipaddresspool */
export function poolSpec({ addresses, autoAssign }: Pool): Value {
  return { addresses, autoAssign };
}

/** Spec of the L2Advertisement of a pool. https://metallb.io/apis/#l2advertisement */
export function advertisementSpec(pool: string, { interfaces }: Pool): Value {
  return { ipAddressPools: [pool], ...(interfaces.length > 0 ? { interfaces } : {}) };
}
