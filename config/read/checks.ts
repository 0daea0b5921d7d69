import { addons } from "../../addons/all";
import { addonChecks } from "../../addons/checks";
import { addressChecks } from "../checks/addresses";
import type { Check } from "../checks/check";
import { dnsChecks } from "../checks/dns";
import { encryptionChecks } from "../checks/encryption";
import { environmentChecks } from "../checks/environment";
import { familyChecks } from "../checks/families";
import { podBlockChecks } from "../checks/podBlocks";
import { givenFilesChecks } from "../checks/givenFiles";
import { k3sSettingsChecks } from "../checks/k3sSettings";
import { kubernetesObjectChecks } from "../checks/kubernetesObjects";
import { amongLiving, lostChecks } from "../checks/lost";
import { manifestsChecks } from "../checks/manifests";
import { entryChecks, nodeChecks } from "../checks/nodes";
import { snapshotChecks } from "../checks/snapshots";
import { originChecks } from "../checks/origin";
import { ownCniChecks } from "../checks/ownCni";
import { namespaceAccessChecks } from "../checks/namespaceAccess";
import { quotaChecks } from "../checks/quotas";
import { registriesChecks } from "../checks/registries";
import { releaseChecks } from "../checks/releases";
import { rolloutChecks } from "../checks/rollout";
import { reachChecks } from "../checks/reach";
import { sshChecks } from "../checks/ssh";
import { sudoChecks } from "../checks/sudo";
import { uploadChecks } from "../checks/upload";
import { versionChecks } from "../checks/versions";
import { wayInChecks } from "../checks/wayIn";
import { wireguardChecks } from "../checks/wireguard";

/** Every check that a stack's settings go through, in the order in which findings are shown. */
export const allChecks: readonly Check[] = [
  ...originChecks,
  ...entryChecks,
  ...lostChecks,
  ...[
    ...nodeChecks,
    ...sshChecks,
    ...sudoChecks,
    ...reachChecks,
    ...familyChecks,
    ...podBlockChecks,
    ...addressChecks,
    ...wayInChecks,
    ...wireguardChecks,
    ...encryptionChecks,
    ...dnsChecks,
    ...k3sSettingsChecks,
    ...snapshotChecks,
    ...registriesChecks,
    ...environmentChecks,
    ...givenFilesChecks,
    ...manifestsChecks,
    ...ownCniChecks,
    ...versionChecks,
    ...uploadChecks,
    ...addonChecks(addons),
    ...kubernetesObjectChecks,
    ...quotaChecks,
    ...namespaceAccessChecks,
    ...releaseChecks,
    ...rolloutChecks,
  ].map(amongLiving),
];
