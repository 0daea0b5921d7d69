import type { Settings } from "../../config/settings";
import type { Finding } from "../finding";

/** Counts what the stack names in `preflight.lower` one level less, and says why. Nothing is left out. */
export function lowered(findings: readonly Finding[], { lower }: Settings["preflight"]): Finding[] {
  const reasons = new Map<string, string | undefined>(Object.entries(lower));
  return findings.map((finding) => {
    const reason = reasons.get(finding.check);
    if (reason === undefined || finding.level === "ok") return finding;
    return { ...finding, level: finding.level === "error" ? "warning" : "ok", lowered: reason };
  });
}
