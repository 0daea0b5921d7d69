import type { NodePlace } from "../place";

/** The unit's name; the same as k3s's own installer gives it, so that people find it where they look. */
export function serviceName(role: NodePlace["role"]): string {
  return role === "server" ? "k3s" : "k3s-agent";
}
