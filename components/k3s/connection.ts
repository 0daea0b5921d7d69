import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Secret } from "../../config/secret";
import type { SshTarget } from "../../desired/ssh";

/** The connection that `@pulumi/command` takes, with keys as secrets. */
export function connectionTo(target: SshTarget): command.types.input.remote.ConnectionArgs {
  return {
    ...endpoint(target),
    dialErrorLimit: target.dialAttempts,
    ...(target.bastion === undefined
      ? {}
      : { proxy: { ...endpoint(target.bastion), dialErrorLimit: target.dialAttempts } }),
  };
}

function endpoint(target: Omit<SshTarget, "bastion" | "dialAttempts">): command.types.input.remote.ProxyConnectionArgs {
  return {
    host: target.host,
    port: target.port,
    user: target.user,
    ...(target.hostKey === undefined ? {} : { hostKey: target.hostKey }),
    // `pulumi config set < FILE` drops the last newline and a settings object may have it: the same key must be the same input.
    ...secretInput("privateKey", target.privateKey, (text) => `${text.trimEnd()}\n`),
    ...secretInput("privateKeyPassword", target.privateKeyPassphrase),
  };
}

function secretInput<K extends string>(
  name: K,
  value: Secret | undefined,
  normalise: (text: string) => string = (text) => text,
): Partial<Record<K, pulumi.Output<string>>> {
  if (value === undefined) return {};
  return { [name]: pulumi.secret(normalise(value.reveal())) } as Record<K, pulumi.Output<string>>;
}
