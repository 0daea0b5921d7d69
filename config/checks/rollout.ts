import { openUntil, windowAt, windowText, zoneName } from "../rolloutWindow";
import { isGroup } from "../schema/secretPaths";
import { error, warning, type Check, type Finding } from "./check";

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** What a Job must have so that the API takes it; the rest is Kubernetes's to judge. */
export const rolloutCheck: Check = ({ rollout: { check } }) => {
  if (check === undefined) return [];
  const { command, job } = check;
  if ((command === undefined) === (job === undefined)) {
    const problem = command === undefined ? "has neither a command nor a job" : "has both a command and a job";
    return [error("rollout.check", problem, "write one of the two")];
  }
  return job === undefined ? [] : jobFindings(job);
};

function jobFindings(job: Record<string, unknown>): Finding[] {
  const at = "rollout.check.job";
  const metadata = groupOf(job["metadata"]);
  const template = groupOf(groupOf(job["spec"])["template"]);
  const { name } = metadata;
  const { containers, restartPolicy } = groupOf(template["spec"]);
  return [
    ...(job["apiVersion"] === "batch/v1" && job["kind"] === "Job"
      ? []
      : [error(at, "is not a Job", "begin it with 'apiVersion: batch/v1' and 'kind: Job'")]),
    ...(typeof name === "string" && name.length <= 50 && DNS_LABEL.test(name)
      ? []
      : [
          error(
            `${at}.metadata.name`,
            "is not a name for a Job",
            "write lower-case letters, digits and '-', at most 50",
          ),
        ]),
    ...(metadata["namespace"] === undefined || isName(metadata["namespace"])
      ? []
      : [error(`${at}.metadata.namespace`, "is not the name of a namespace", "write one like default")]),
    ...(Array.isArray(containers) && containers.length > 0
      ? []
      : [error(`${at}.spec.template.spec.containers`, "has no container", "write at least one, with name and image")]),
    ...(restartPolicy === "Never" || restartPolicy === "OnFailure"
      ? []
      : [
          error(
            `${at}.spec.template.spec.restartPolicy`,
            "must be said, and the API refuses Jobs with another one",
            "write Never or OnFailure",
          ),
        ]),
  ];
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value.length <= 63 && DNS_LABEL.test(value);
}

function groupOf(value: unknown): Record<string, unknown> {
  return isGroup(value) ? value : {};
}

/** A window that opens, in a zone that hosts know. */
export const rolloutWindow: Check = ({ rollout: { window } }) => {
  if (window === undefined) return [];
  const zone = zoneName(window.timeZone);
  const zoneFindings =
    zone === window.timeZone
      ? []
      : [
          error(
            "rollout.window.timeZone",
            `${JSON.stringify(window.timeZone)} is not the name of a time zone`,
            zone === undefined ? "write one like Europe/Berlin, or UTC" : `write ${zone}`,
          ),
        ];
  const timeFindings =
    window.startTime === window.endTime
      ? [
          error(
            "rollout.window.endTime",
            "is the same as startTime, so whether it is never or always open is not clear",
            'write another one; "00:00" to "24:00" is a whole day',
          ),
        ]
      : [];
  const isMoment =
    window.openUntil === undefined ||
    (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(window.openUntil) &&
      !Number.isNaN(openUntil(window)));
  const momentFindings = isMoment
    ? []
    : [
        error(
          "rollout.window.openUntil",
          "is not a moment with its zone",
          'write one in quotes, like "2026-11-28T23:00:00Z"',
        ),
      ];
  return [...zoneFindings, ...timeFindings, ...momentFindings];
};

/** Says before an `up` what it would be refused for. The hosts decide by their own clocks (scripts/window.sh). */
export const closedWindow: Check = (settings, { now }) => {
  const { window } = settings.rollout;
  if (window === undefined || now === undefined || rolloutWindow(settings, { missingSecrets: "warning" }).length > 0) {
    return [];
  }
  if (openUntil(window) > now.getTime()) {
    return [
      warning(
        "rollout.window.openUntil",
        `opens it until ${new Date(openUntil(window)).toISOString().replace(/\.\d+Z$/, "Z")}, whatever the hour`,
        "take it out again when it is not meant any more",
      ),
    ];
  }
  const { isOpen, opens } = windowAt(window, now);
  if (isOpen) return [];
  return [
    warning(
      "rollout.window",
      `is closed now (${windowText(window)}), so an 'up' that would restart k3s on a node is refused until ${opens ?? "it opens"}`,
      "wait for it, or set rollout.window.openUntil for one that cannot wait",
    ),
  ];
};

export const rolloutChecks: readonly Check[] = [rolloutCheck, rolloutWindow, closedWindow];
