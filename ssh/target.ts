import type { BastionTarget, SshTarget } from "../desired/ssh";
import type { Connection, Hop } from "./connect";

/** How often and how long a hop is tried. */
export interface Patience {
  readonly attempts: number;
  /** Bound of each try, in seconds. */
  readonly seconds: number;
}

/** For a verb that people wait for: a host that is down is an answer. */
const SHORT: Patience = { attempts: 2, seconds: 8 };

/**
 * The connection that the provider makes for the same target, with fewer tries.
 *
 * @param agentSocket Socket of the user's ssh-agent, whose keys are tried beside the stack's; empty for none.
 */
export function connectionOf(target: SshTarget, agentSocket = "", patience: Patience = SHORT): Connection {
  const hop = (to: SshTarget | BastionTarget): Hop => ({ agentSocketPath: agentSocket, ...hopOf(to, patience) });
  return { ...hop(target), ...(target.bastion === undefined ? {} : { proxy: hop(target.bastion) }) };
}

function hopOf(to: SshTarget | BastionTarget, { attempts, seconds }: Patience): Hop {
  const { host, port, user, hostKey, privateKey, privateKeyPassphrase } = to;
  return {
    host,
    port,
    user,
    dialErrorLimit: attempts,
    perDialTimeout: seconds,
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(privateKey === undefined ? {} : { privateKey: `${privateKey.reveal().trimEnd()}\n` }),
    ...(privateKeyPassphrase === undefined ? {} : { privateKeyPassword: privateKeyPassphrase.reveal() }),
  };
}
