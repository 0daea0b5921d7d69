import { createPrivateKey, createPublicKey, type X509Certificate } from "node:crypto";
import type { Answer } from "../sandbox/gateway";
import { AUTHORITY_FILES, blocksIn, certificatesIn, KINDS, TLS, type Authorities } from "./bundle";
import type { Clock } from "./clock";
import type { Cluster } from "./cluster";
import type { Files } from "./files";
import type { K3s } from "./k3s";
import { mayAsk } from "./passwords";
import { refusedWithId } from "./refusal";
import type { Systemd } from "./systemd";

/** What of the world it needs. */
interface Rotating {
  readonly k3s: K3s;
  readonly files: Files;
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly systemd: Systemd;
}

/** `k3s certificate rotate-ca --path DIRECTORY` (pkg/cli/cert/cert.go, pkg/server/handlers/cert.go). */
export function rotateAuthorities(world: Rotating, args: readonly string[]): Answer {
  const { k3s, files, cluster } = world;
  const failed = (why: string): Answer => ({ code: 1, out: "", err: `level=fatal msg="Error: ${why}"\n` });
  if (k3s.temper.knowsNoRotation === true) return failed("No help topic for 'rotate-ca'");
  if (!k3s.apiUp) return failed("failed to get CA certs: connection refused");
  if (!mayAsk(files, k3s.letsIn)) return failed("not authorized");
  const directory = args[args.indexOf("--path") + 1];
  const read = (from: string, name: string): string => files.read(`${from}/${name}`) ?? "";
  const given = new Map(
    AUTHORITY_FILES.map((name) => [name, read(`${directory ?? ""}/tls`, name) || read(TLS, name)] as const),
  );
  const problems = [
    ...KINDS.flatMap((kind) => problemOf(kind, read(TLS, `${kind}-ca.crt`), given)),
    ...problemOfServiceKey(read(TLS, "service.key"), given.get("service.key")!),
  ];
  const path = "/cert/cacerts?force=false";
  if (problems.length > 0) {
    return refusedWithId(
      world,
      "certificate",
      path,
      `failed to validate new CA certificates and keys: ${problems.join(", ")}`,
    );
  }
  cluster.authorities = given;
  if (k3s.temper.answersLate === true) {
    return refusedWithId(world, "certificate", path, "etcdserver: request timed out");
  }
  return { code: 0, out: "certificates saved to datastore\n", err: "" };
}

function problemOf(kind: string, before: string, given: Authorities): string[] {
  const certificate = given.get(`${kind}-ca.crt`)!;
  if (certificate === before) return [];
  const [own, ...others] = certificatesIn(certificate);
  if (own === undefined) return [`${kind}CA: data does not contain any valid certificates`];
  if (others.length === 0) {
    return [
      `${kind}CA: new CA bundle contains only a single certificate but should include root or intermediate CA certificates`,
    ];
  }
  const old = certificatesIn(before);
  const roots = old.filter((one) => one.checkIssued(one));
  const between = [...old, ...others].filter((one) => !one.checkIssued(one));
  const key = createPrivateKey(blocksIn(given.get(`${kind}-ca.key`)!, "PRIVATE KEY")[0] ?? "");
  return [
    ...(leadsTo(own, roots, between)
      ? []
      : [
          `${kind}CA: new CA cert cannot be verified using old CA chain: x509: certificate signed by unknown authority`,
        ]),
    ...(own.checkPrivateKey(key)
      ? []
      : [`${kind}CAKey: new CA cert and key cannot be loaded as X590KeyPair: tls: private key does not match`]),
  ];
}

function leadsTo(
  one: X509Certificate,
  roots: readonly X509Certificate[],
  between: readonly X509Certificate[],
): boolean {
  const signedBy = (other: X509Certificate): boolean => one.checkIssued(other) && one.verify(other.publicKey);
  return (
    roots.some(signedBy) ||
    between.some((other, index) => signedBy(other) && leadsTo(other, roots, between.toSpliced(index, 1)))
  );
}

function problemOfServiceKey(before: string, now: string): string[] {
  const publicOf = (text: string): string[] =>
    blocksIn(text, "PRIVATE KEY").map((key) => createPublicKey(key).export({ type: "spki", format: "pem" }).toString());
  return publicOf(now).includes(publicOf(before)[0] ?? "none")
    ? []
    : ["ServiceKey: old ServiceAccount signing key not in new ServiceAccount key list"];
}
