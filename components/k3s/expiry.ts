import { runsOut } from "./kubeconfig";

/** How long before its end a certificate is spoken of. */
const NOTICE_DAYS = 60;
const DAY_MS = 86_400_000;

/**
 * What to say of a kubeconfig whose certificate ends soon, or has ended; undefined where there is time. k3s gives it 365 days, and
 * renews its own at a start within the last 120 (k3s: pkg/daemons/config/types.go, CertificateRenewDays).
 */
export function expiryWarning(kubeconfig: string, now: Date): string | undefined {
  const end = runsOut(kubeconfig);
  if (end === undefined) return undefined;
  const days = Math.floor((end.getTime() - now.getTime()) / DAY_MS);
  if (days >= NOTICE_DAYS) return undefined;
  const date = end.toISOString().slice(0, 10);
  const when = days < 0 ? `ran out on ${date}` : `runs out on ${date}, in ${days} day${days === 1 ? "" : "s"}`;
  const month = now.toISOString().slice(0, 7);
  return `cluster.renewCertificates: the kubeconfig's certificate ${when}, and k3s's own may end with it; write "${month}", and 'pulumi up' renews them node by node and reads the kubeconfig again`;
}
