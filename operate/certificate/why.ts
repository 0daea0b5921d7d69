import type { Condition, KubeObject } from "../kubeObjects";
import { causeOf } from "./causes";
import type {
  Certificate,
  CertificateObjects,
  CertificateRequest,
  Challenge,
  Issuer,
  IssuerReference,
  Order,
} from "./objects";

/** One object that a certificate depends on, with what it says and those that it depends on itself. */
export interface WhyNode {
  readonly kind: string;
  readonly name: string;
  /** Undefined for a ClusterIssuer. */
  readonly namespace: string | undefined;
  readonly state: "ready" | "waiting" | "failed" | "missing";
  /** What it is about, in a few words: the names of a certificate, `DNS-01 for www.example.org`. */
  readonly about: string;
  /** In cert-manager's words: `Pending`, `invalid`. */
  readonly reason: string;
  readonly message: string;
  /** Seconds since it was made; undefined where it does not say. */
  readonly ageSeconds: number | undefined;
  /** The known cause, and what to do; undefined where nothing is amiss, or nothing is known. */
  readonly cause: string | undefined;
  readonly remedy: string | undefined;
  readonly parts: readonly WhyNode[];
}

/** The trees of some certificates: those that are not ready first, then by name. */
export function whyAll(
  objects: CertificateObjects,
  certificates: readonly Certificate[],
  now: Date,
): readonly WhyNode[] {
  const trees = certificates.map((certificate) => whyCertificate(objects, certificate, now));
  const order = ({ state, namespace = "", name }: WhyNode): string =>
    `${state === "ready" ? "1" : "0"} ${namespace}/${name}`;
  return trees.sort((a, b) => order(a).localeCompare(order(b)));
}

/** Why a certificate is as it is: itself, its issuer, and its newest request with all that this waits for. Pure. */
export function whyCertificate(objects: CertificateObjects, certificate: Certificate, now: Date): WhyNode {
  const { spec, status, metadata } = certificate;
  const ready = conditionOf(status?.conditions, "Ready");
  const issuing = conditionOf(status?.conditions, "Issuing");
  const isReady = ready?.status === "True";
  const shown = !isReady && issuing?.reason === "Failed" ? issuing : ready;
  const request = newestRequest(objects, certificate);
  const issuer = issuerNode(objects, spec.issuerRef, metadata.namespace, now);
  // What a ready certificate was issued by is of no interest; one that renews has a request that is not ready.
  const parts = [issuer, ...(request === undefined ? [] : [requestNode(objects, request, now)])];
  const isRenewing = isReady && issuing?.status === "True";
  return {
    ...common("Certificate", certificate, now),
    state: isReady ? "ready" : issuing?.reason === "Failed" ? "failed" : "waiting",
    about: (spec.dnsNames ?? [spec.commonName ?? ""]).join(", "),
    reason: shown?.reason ?? "",
    message: isReady ? endText(status) : [shown?.message ?? silence(now, metadata), retryText(status)].join(""),
    ...causeIn(isReady ? "" : ownWords(shown?.message ?? ""), spec.issuerRef.name),
    parts: isReady && !isRenewing ? parts.filter(({ state }) => state !== "ready") : parts,
  };
}

function requestNode(objects: CertificateObjects, request: CertificateRequest, now: Date): WhyNode {
  const { conditions } = request.status ?? {};
  const ready = conditionOf(conditions, "Ready");
  const isFailed = ready?.reason === "Failed" || ready?.reason === "Denied";
  const unapproved = ready === undefined && conditionOf(conditions, "Approved")?.status !== "True";
  const message = ready?.message ?? (unapproved ? "it has not been approved" : "cert-manager has not taken it up");
  return {
    ...common("CertificateRequest", request, now),
    state: ready?.status === "True" ? "ready" : isFailed ? "failed" : "waiting",
    about: "",
    reason: ready?.reason ?? "",
    message: ready?.status === "True" ? "" : message,
    ...causeIn(ready?.status === "True" ? "" : ownWords(message), request.spec.issuerRef.name),
    parts: ownedBy(request, objects.orders).map((order) => orderNode(objects, order, now)),
  };
}

function orderNode(objects: CertificateObjects, order: Order, now: Date): WhyNode {
  const { state = "", reason = "" } = order.status ?? {};
  return {
    ...common("Order", order, now),
    state: stateOf(state),
    about: "",
    reason: state === "" ? "not yet at the authority" : state,
    message: reason,
    ...causeIn(reason, order.spec.issuerRef.name),
    parts: ownedBy(order, objects.challenges).map((challenge) => challengeNode(challenge, now)),
  };
}

/** A challenge as a node of its own. Pure. */
export function challengeNode(challenge: Challenge, now: Date): WhyNode {
  const { spec, status, metadata } = challenge;
  const { state = "", reason = "", presented = false } = status ?? {};
  const isLeaving = metadata.deletionTimestamp !== undefined;
  const waits = state === "" ? "waits for its turn: one name is proven at a time" : "";
  const shown = stateOf(state) === "ready" ? "" : reason === "" && !presented ? waits : reason;
  return {
    ...common("Challenge", challenge, now),
    state: isLeaving ? "failed" : stateOf(state),
    about: `${spec.type} for ${spec.wildcard === true ? "*." : ""}${spec.dnsName}`,
    reason: isLeaving ? "being deleted" : state === "" ? "not begun" : state,
    message: shown,
    ...causeIn(shown, spec.issuerRef.name),
    parts: [],
  };
}

function issuerNode(
  { issuers, clusterIssuers }: CertificateObjects,
  { name, kind = "Issuer", group = CERT_MANAGER }: IssuerReference,
  namespace: string | undefined,
  now: Date,
): WhyNode {
  const bare = { kind, name, namespace: kind === "Issuer" ? namespace : undefined, about: "", parts: [] };
  const unknown = { ...bare, ageSeconds: undefined, reason: "", cause: undefined, remedy: undefined };
  if (group !== CERT_MANAGER) {
    return { ...unknown, state: "waiting", message: `of ${group}: look into the log of its own controller` };
  }
  const found = (kind === "ClusterIssuer" ? clusterIssuers : issuers).find(
    ({ metadata }) => metadata.name === name && (kind === "ClusterIssuer" || metadata.namespace === namespace),
  );
  if (found === undefined) {
    const other = kind === "ClusterIssuer" ? "Issuer" : "ClusterIssuer";
    const isOther = (other === "ClusterIssuer" ? clusterIssuers : issuers).some((each) => each.metadata.name === name);
    const remedy = isOther
      ? `there is one of kind ${other} by this name: write 'kind: ${other}' in the Certificate's issuerRef`
      : causeOf(`Referenced "${kind}" not found`, name)?.remedy;
    return { ...unknown, state: "missing", message: "there is none by this name", cause: "issuer-missing", remedy };
  }
  return { ...bare, ...issuerState(found, name), ...common(kind, found, now) };
}

const CERT_MANAGER = "cert-manager.io";

function issuerState(
  { status }: Issuer,
  name: string,
): Pick<WhyNode, "state" | "reason" | "message" | "cause" | "remedy"> {
  const ready = conditionOf(status?.conditions, "Ready");
  const isReady = ready?.status === "True";
  const message = isReady ? "" : (ready?.message ?? "cert-manager has not taken it up: see that its pod runs");
  return { state: isReady ? "ready" : "failed", reason: ready?.reason ?? "", message, ...causeIn(message, name) };
}

/** Challenges that are being deleted and stay, because their record cannot be taken away: nobody else shows them. Pure. */
export function leftChallenges({ challenges, orders }: CertificateObjects, now: Date): readonly WhyNode[] {
  const known = new Set(orders.map(({ metadata }) => metadata.uid));
  return challenges
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .filter(({ metadata }) => !(metadata.ownerReferences ?? []).some(({ uid }) => known.has(uid)))
    .map((challenge) => challengeNode(challenge, now));
}

/** The request that counts: of the highest revision, and of those the one that was made last. */
function newestRequest({ requests }: CertificateObjects, certificate: Certificate): CertificateRequest | undefined {
  const revision = ({ metadata }: CertificateRequest): number =>
    Number(metadata.annotations?.["cert-manager.io/certificate-revision"] ?? 0);
  const made = ({ metadata }: CertificateRequest): string => metadata.creationTimestamp ?? "";
  return [...ownedBy(certificate, requests)]
    .sort((a, b) => (revision(a) === revision(b) ? made(a).localeCompare(made(b)) : revision(a) - revision(b)))
    .at(-1);
}

function ownedBy<T extends KubeObject>({ metadata }: KubeObject, objects: readonly T[]): readonly T[] {
  return objects.filter((each) => each.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true);
}

function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((each) => each.type === type);
}

function common(
  kind: string,
  { metadata }: KubeObject,
  now: Date,
): Pick<WhyNode, "kind" | "name" | "namespace" | "ageSeconds"> {
  const made = Date.parse(metadata.creationTimestamp ?? "");
  const ageSeconds = Number.isNaN(made) ? undefined : Math.max(0, Math.round((now.getTime() - made) / 1000));
  return { kind, name: metadata.name, namespace: metadata.namespace, ageSeconds };
}

function stateOf(state: string): WhyNode["state"] {
  if (state === "valid") return "ready";
  return ["invalid", "expired", "errored"].includes(state) ? "failed" : "waiting";
}

function causeIn(message: string, issuer: string): Pick<WhyNode, "cause" | "remedy"> {
  const known = message === "" ? undefined : causeOf(message, issuer);
  return { cause: known?.cause, remedy: known?.remedy };
}

/** Without what a message repeats of the order below it, which says it itself. */
function ownWords(message: string): string {
  return /order (resource|\S+\/\S+)|order is in "/.test(message) ? "" : message;
}

function endText(status: Certificate["status"]): string {
  const { notAfter, renewalTime } = status ?? {};
  if (notAfter === undefined) return "";
  return `valid until ${notAfter}${renewalTime === undefined ? "" : `, renewed from ${renewalTime} on`}`;
}

/** A Certificate without a condition after this time is nobody's: cert-manager's first words come within a second or two. */
const SILENCE_MS = 30_000;

function silence(now: Date, { creationTimestamp = "" }: KubeObject["metadata"]): string {
  const isNew = now.getTime() - Date.parse(creationTimestamp) < SILENCE_MS;
  return isNew ? "it was made just now" : "cert-manager has not taken it up: see that its pod runs";
}

/** cert-manager waits an hour after the first failure, twice as long after each other one, and 32 hours at most. */
function retryText(status: Certificate["status"]): string {
  const { lastFailureTime, failedIssuanceAttempts: attempts = 1 } = status ?? {};
  if (lastFailureTime === undefined) return "";
  const hours = Math.min(32, 2 ** Math.max(0, attempts - 1));
  const next = new Date(Date.parse(lastFailureTime) + hours * 3_600_000).toISOString().replace(".000Z", "Z");
  return `; ${String(attempts)} failed so far, the next try is at ${next}, or at once by 'cmctl renew'`;
}
