import { addressChecks } from "./addresses";
import { chartValueChecks } from "./chartValues";
import type { Check } from "./check";
import { dnsChecks } from "./dns";
import { encryptionChecks } from "./encryption";
import { ingressChecks } from "./ingress";
import { issuerChecks } from "./issuers";
import { k3sSettingsChecks } from "./k3sSettings";
import { kubernetesObjectChecks } from "./kubernetesObjects";
import { nodeChecks } from "./nodes";
import { sshChecks } from "./ssh";
import { storageChecks } from "./storage";
import { versionChecks } from "./versions";

/** Every check that a stack's settings go through, in the order in which findings are shown. */
export const allChecks: readonly Check[] = [
  ...nodeChecks,
  ...sshChecks,
  ...addressChecks,
  ...encryptionChecks,
  ...dnsChecks,
  ...k3sSettingsChecks,
  ...versionChecks,
  ...storageChecks,
  ...chartValueChecks,
  ...ingressChecks,
  ...issuerChecks,
  ...kubernetesObjectChecks,
];
