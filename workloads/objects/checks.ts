import type { Problem } from "../../config/problem";
import { pathText } from "../../config/problem";
import { quantityOf } from "../../config/quantity";
import { isOlder, type ClusterFacts } from "./facts";
import type { IngressSettings, RouteSettings, ServiceSettings } from "./entrySchema";
import type { Pod, ProbesSettings } from "./podSchema";

/** Room is left for what is put behind it: `-tls`, the pods' own endings, and 11 letters of a CronJob. */
const LONGEST_NAME = 48;

/** The name of every object of a workload; a Service's begins with a letter. */
export function checkName(name: string): Problem[] {
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= LONGEST_NAME) return [];
  return [
    {
      path: "name",
      problem: `${JSON.stringify(name)} is not a name for Kubernetes objects`,
      remedy: `write lower-case letters, digits and '-', a letter first, at most ${LONGEST_NAME}, e.g. shop`,
    },
  ];
}

/** What must fit together in a pod. What is undefined is broken, and said already. */
export function checkPod(
  { resources, env, secretEnv, shutdown, tolerations }: Partial<Pod>,
  facts: ClusterFacts,
): Problem[] {
  const problems: Problem[] = [];
  const add = (path: string, problem: string, remedy: string): void => void problems.push({ path, problem, remedy });
  if (resources !== undefined) {
    for (const kind of ["cpu", "memory"] as const) {
      const limit = resources[`${kind}Limit`];
      if (limit !== undefined && amount(limit) < amount(resources[kind])) {
        const remedy = `write at least ${resources[kind]}, or leave it out`;
        add(`resources.${kind}Limit`, `is ${limit}, below the ${resources[kind]} that are requested`, remedy);
      }
    }
  }
  for (const key of Object.keys(secretEnv ?? {}).filter((each) => Object.hasOwn(env ?? {}, each))) {
    add(pathText(["secretEnv", key]), "stands under env, too", "write it in one place");
  }
  if (shutdown !== undefined) {
    const { preStopSeconds, graceSeconds } = shutdown;
    if (preStopSeconds >= graceSeconds) {
      add(
        "shutdown.preStopSeconds",
        `is ${preStopSeconds}, and the process is killed after ${graceSeconds} seconds (shutdown.graceSeconds)`,
        "write less, so that time is left for the process to end",
      );
    }
    if (preStopSeconds > 0 && isOlder(facts, "1.30")) {
      add(
        "shutdown.preStopSeconds",
        `needs Kubernetes 1.30, and the cluster's oldest node has ${facts.kubernetes ?? ""}`,
        "upgrade the cluster, or write 0",
      );
    }
  }
  for (const [index, { key, operator, value }] of (tolerations ?? []).entries()) {
    const path = `tolerations[${index}]`;
    if (key === undefined && operator !== "Exists") {
      add(path, "has no key", "write the key of the taint, or operator: Exists for every taint");
    }
    if (operator === "Exists" && value !== undefined) {
      add(`${path}.value`, "counts for nothing with operator: Exists", "leave it out, or write operator: Equal");
    }
  }
  return problems;
}

/** HTTP and TCP probes ask a port that there is. */
export function checkProbes(probes: ProbesSettings | undefined, ports: readonly number[] | undefined): Problem[] {
  if (probes === undefined || probes === false || ports === undefined) return [];
  return (["readiness", "liveness", "startup"] as const).flatMap((kind): Problem[] => {
    const probe = probes[kind];
    const at = `probes.${kind}.port`;
    if (probe === undefined) return [];
    if (probe.command !== undefined) {
      return probe.port === undefined
        ? []
        : [{ path: at, problem: "counts for nothing with command", remedy: "leave it out" }];
    }
    if (probe.port !== undefined || ports.length > 0) return [];
    return [{ path: at, problem: "is missing, and there is no port to ask", remedy: "write the port that answers" }];
  });
}

/** What of a Service is there only outside of the cluster. */
export function checkService(service: ServiceSettings | undefined): Problem[] {
  if (service?.type !== "ClusterIP") return [];
  return (["nodePort", "externalTrafficPolicy"] as const)
    .filter((key) => service[key] !== undefined)
    .map((key) => ({
      path: `service.${key}`,
      problem: "counts for nothing with type: ClusterIP",
      remedy: "write type: NodePort or LoadBalancer, or leave it out",
    }));
}

/** The way in fits what the cluster has. */
export function checkEntry(
  { ingress, route }: { readonly ingress?: IngressSettings | undefined; readonly route?: RouteSettings | undefined },
  facts: ClusterFacts,
): Problem[] {
  const problems: Problem[] = [];
  if (ingress !== undefined && route !== undefined) {
    const remedy = "write ingress for an ingress controller, route for a Gateway";
    problems.push({ path: "route", problem: "stands beside ingress", remedy });
  }
  if (route !== undefined && route.gateway === undefined && (facts.gateway ?? "") === "") {
    problems.push(
      facts.gateway === ""
        ? {
            path: "route.gateway",
            problem: "is missing, and the stack has no Gateway",
            remedy: "write controller: gateway under groundwork:ingress of its stack, or the name of another Gateway",
          }
        : {
            path: "route.gateway",
            problem: "is missing, and the stack's Gateway is not known here",
            remedy: "write its name and namespace (kubectl get gateway -A)",
          },
    );
  }
  if (ingress === undefined) return problems;
  if (ingress.className === undefined && (facts.ingressClass ?? "") === "") problems.push(missingClass(facts));
  const { tls } = ingress;
  if (tls === false) return problems;
  if (tls.issuer !== undefined && facts.issuers !== undefined && !facts.issuers.includes(tls.issuer)) {
    problems.push({
      path: "ingress.tls.issuer",
      problem: `${JSON.stringify(tls.issuer)} is not an issuer of the cluster`,
      remedy:
        facts.issuers.length === 0
          ? "write one under groundwork:issuers of its stack"
          : `write one of ${facts.issuers.join(", ")}`,
    });
  }
  if (tls.issuer === undefined && tls.by === "annotation") {
    problems.push({
      path: "ingress.tls.issuer",
      problem: "is missing",
      remedy: "write which issuer the annotation names",
    });
  }
  return problems;
}

function missingClass({ ingressClass, gateway = "" }: ClusterFacts): Problem {
  const path = "ingress.className";
  if (ingressClass === undefined) {
    return {
      path,
      problem: "is missing, and the stack's ingress controller is not known here",
      remedy: "write it (kubectl get ingressclass), or give the cluster: cluster: await clusterOf(…)",
    };
  }
  return gateway === ""
    ? {
        path,
        problem: "is missing, and the stack has no ingress controller",
        remedy: "choose one under groundwork:ingress of its stack, or write the class of another",
      }
    : { path, problem: "is missing, and the stack has a Gateway", remedy: "write route in place of ingress" };
}

function amount(quantity: string): number {
  return quantityOf(quantity) ?? 0;
}
