import type { PolicyRule } from "../config/schema/policy";
import { disruptionBudget } from "./rules/disruptionBudget";
import { imagePinned } from "./rules/imagePinned";
import { ingressTls } from "./rules/ingressTls";
import { preStopGrace } from "./rules/preStopGrace";
import { privilegedPod } from "./rules/privilegedPod";
import { readinessProbe } from "./rules/readinessProbe";
import { resourceRequests } from "./rules/resourceRequests";
import type { Rule } from "./rules/rule";
import { stagingIssuer } from "./rules/stagingIssuer";

/** Every rule by its name: for the plan, for `up`, and for policy packs. */
export const rules: Readonly<Record<PolicyRule, Rule>> = {
  "disruption-budget": disruptionBudget,
  "image-pinned": imagePinned,
  "ingress-tls": ingressTls,
  "prestop-grace": preStopGrace,
  "privileged-pod": privilegedPod,
  "readiness-probe": readinessProbe,
  "resource-requests": resourceRequests,
  "staging-issuer": stagingIssuer,
};
