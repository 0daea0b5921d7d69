import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { X509Certificate } from "node:crypto";
import type { DesiredAuthority } from "../../desired/authorities";
import { insideFrame } from "../../desired/host/framed";
import type { DesiredNode } from "../../desired/nodes";
import { asRoot, inputAsRoot } from "../../desired/ssh";
import { connectionTo } from "./connection";

/**
 * The certificate of an authority that cert-manager makes in the cluster, read on the first server. It is read once: a
 * renewal keeps the key, and what trusts the one before trusts what the authority gives.
 */
export function readAuthority(
  { issuer, read }: DesiredAuthority,
  { ssh }: DesiredNode,
  dependsOn: readonly pulumi.Resource[],
): pulumi.Output<string> {
  const reading = new command.remote.Command(
    `${issuer}-root`,
    {
      connection: connectionTo(ssh),
      create: asRoot(ssh, read),
      ...(ssh.sudoPassword === undefined ? {} : { stdin: pulumi.secret(inputAsRoot(ssh, "")) }),
      logging: "none",
      addPreviousOutputInEnv: false,
    },
    { dependsOn: [...dependsOn], ignoreChanges: ["connection", "create", "stdin"] },
  );
  return reading.stdout.apply((text) => certificateIn(text, issuer));
}

/** The one certificate in what a server printed. @throws Error where there is none. */
export function certificateIn(text: string, issuer: string): string {
  const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(insideFrame(text) ?? "") ?? [];
  if (pem === undefined) throw new Error(`the first server told no certificate of issuer '${issuer}'`);
  return new X509Certificate(pem).toString();
}
