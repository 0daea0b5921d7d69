import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Secret } from "../../config/secret";
import type { BastionTarget, SshTarget } from "../../desired/ssh";

/**
 * The connection that `@pulumi/command` takes, with keys as secrets. Without a key it takes those of the agent that SSH_AUTH_SOCK
 * names where it runs; the path is no input, for it is another one in each session.
 */
export function connectionTo(target: SshTarget): command.types.input.remote.ConnectionArgs {
  return {
    ...endpoint(target),
    dialErrorLimit: target.dialAttempts,
    ...(target.bastion === undefined
      ? {}
      : { proxy: { ...endpoint(target.bastion), dialErrorLimit: target.dialAttempts } }),
  };
}

function endpoint(target: SshTarget | BastionTarget): command.types.input.remote.ProxyConnectionArgs {
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
