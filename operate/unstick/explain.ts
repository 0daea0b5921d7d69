import { error, warning } from "../doctor/finding";
import type { Finding } from "../finding";
import { ownerOf } from "./finalizers";
import type { Held, Stuck } from "./model";

/** What holds a namespace or a definition, each with its proper fix: causes that hold several things first. Pure. */
export function explain(stuck: Stuck): Finding[] {
  const findings = [
    ...stuck.services.map(({ name, service, reason }) =>
      error(
        "api-service",
        name,
        `${service} does not answer for it (${reason}), so that nobody knows what is left`,
        `start it again; where it is gone for good: kubectl delete apiservice ${name}`,
      ),
    ),
    ...stuck.unlisted.map((said) =>
      error(
        "not-listed",
        undefined,
        said,
        said.includes("conversion webhook")
          ? "start the program that converts them again; it was uninstalled before its objects were"
          : "mend that first: what cannot be listed cannot be deleted",
      ),
    ),
    ...stuck.held.flatMap(heldFindings),
    ...stuck.finalizers.map((finalizer) => {
      const { owner, remedy } = ownerOf(finalizer);
      return error("finalizer", stuck.name, `${finalizer} is kept by ${owner}`, remedy);
    }),
  ];
  if (findings.length > 0) return findings;
  const said = stuck.conditions.flatMap(({ status, message = "" }) => (status === "True" ? [message] : []));
  return [
    warning(
      "nothing-left",
      stuck.name,
      ["nothing holds it that could be seen", ...said].join(": "),
      "it goes by itself in some minutes, as long as k3s runs on a server",
    ),
  ];
}

function heldFindings(held: Held): Finding[] {
  const where = placeOf(held);
  if (held.deletedAt === undefined) {
    return [
      error(
        "not-deleted",
        where,
        "nobody has deleted it",
        "kubectl delete it by hand: what it answers is the reason, a webhook that refuses most often",
      ),
    ];
  }
  if (held.finalizers.length > 0) {
    return held.finalizers.map((finalizer) => {
      const { owner, remedy } = ownerOf(finalizer);
      return error("finalizer", where, `${finalizer} is kept by ${owner}`, remedy);
    });
  }
  return [
    error(
      "ending",
      where,
      "it is being deleted, and its end is not reported",
      held.resource === "pods"
        ? "its node is down: bring it back, or say lost: true on its entry and run up"
        : "it goes by itself within a minute",
    ),
  ];
}

/** `challenges.acme.cert-manager.io web-1`, with its namespace where it has one. */
export function placeOf({ resource, namespace, name }: Held): string {
  return `${resource} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Those whose finalizers may be taken away: they are being deleted, and nothing else holds them. Pure. */
export function forcible({ held }: Stuck): readonly Held[] {
  return held.filter(({ deletedAt, finalizers }) => deletedAt !== undefined && finalizers.length > 0);
}
