import type { PlanValue } from "../values";

/** What each part of a LimitRange's entry is to a container. */
const WORDS = {
  defaultRequest: "a container asks by default for",
  default: "a container has by default at most",
  min: "a container asks at least for",
  max: "a container has at most",
};

/** The entries of a LimitRange in words, a line each: `a container asks by default for cpu=50m memory=64Mi`. */
export function limitsText(limits: PlanValue): string[] {
  const entries = Array.isArray(limits) ? (limits as readonly PlanValue[]) : [];
  return entries.flatMap((entry) => {
    const parts = (typeof entry === "object" && entry !== null ? entry : {}) as Readonly<Record<string, PlanValue>>;
    return Object.entries(WORDS).flatMap(([key, words]) => {
      const values = parts[key];
      if (typeof values !== "object" || values === null) return [];
      return [
        `${words} ${Object.entries(values)
          .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
          .join(" ")}`,
      ];
    });
  });
}
