import type { Finding } from "../finding";

type Words = readonly [check: string, where: string | undefined, message: string, remedy?: string];

export function error(...[check, where, message, remedy = ""]: Words): Finding {
  return { check, where, level: "error", message, remedy };
}

export function warning(...[check, where, message, remedy = ""]: Words): Finding {
  return { check, where, level: "warning", message, remedy };
}

export function ok(...[check, where, message]: Words): Finding {
  return { check, where, level: "ok", message, remedy: "" };
}
