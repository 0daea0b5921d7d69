import type { Answer } from "../sandbox/gateway";
import type { Clock } from "./clock";
import type { Systemd } from "./systemd";

const ID = "11737";

/** k3s's server tells why in its journal alone, under an id that whoever asked is given (pkg/util/apierrors.go, SendErrorWithID). */
export function refusedWithId(
  { systemd, clock }: { readonly systemd: Systemd; readonly clock: Clock },
  kind: string,
  path: string,
  why: string,
): Answer {
  const text = `level=error msg="${kind} error ID ${ID}: ${why}"`;
  systemd.journal.push({ unit: "k3s", invocation: "", time: clock.date().getTime(), text });
  const said = `see server log for details: https://127.0.0.1:6443/v1-k3s${path}: 400 Bad Request: ${kind} error ID ${ID}`;
  return { code: 1, out: "", err: `level=fatal msg="Error: ${said}"\n` };
}
