import { networkInterfaces } from "node:os";
import { createServer } from "node:net";
import { LabError } from "../error";
import { bridgeName, dockerName, loopbackAddresses, networkPrefixes } from "../naming";
import { API_PORT, networkArgs } from "./containerArgs";
import { type Docker, dockerError } from "./docker";

/** First port that SSH of a host may be published on. */
const FIRST_SSH_PORT = 22_001;

/**
 * The lab's own network: made on the first /24 that neither the container engine nor the machine uses, or the one that is there.
 *
 * @param wanted The prefix that the lab had before, if any.
 * @returns The first three numbers of its /24.
 */
export async function ensureNetwork(
  docker: Docker,
  lab: string,
  directory: string,
  wanted: string | undefined,
): Promise<string> {
  const existing = await docker.try([
    "network",
    "inspect",
    dockerName(lab),
    "--format",
    "{{(index .IPAM.Config 0).Subnet}}",
  ]);
  if (existing.code === 0) return existing.stdout.trim().split(".").slice(0, 3).join(".");

  const onMachine = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address));
  const free = networkPrefixes().filter((prefix) => !onMachine.some((address) => address.startsWith(`${prefix}.`)));
  for (const prefix of wanted === undefined ? free : [wanted]) {
    const args = networkArgs(lab, directory, prefix, bridgeName(lab, directory));
    const made = await docker.try(args);
    if (made.code === 0) return prefix;
    if (wanted !== undefined || !/overlaps|pool|in use/i.test(made.stderr)) {
      throw dockerError("the lab's network", made);
    }
  }
  throw new LabError(
    "no free network for the lab: 172.30.0.0/24 to 172.30.63.0/24 are all taken",
    "remove another lab",
  );
}

/** Whether nothing listens on an address and port of this machine. */
export async function isFree(address: string, port: number): Promise<boolean> {
  return await new Promise((done) => {
    const server = createServer();
    server.once("error", () => {
      done(false);
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      server.close(() => {
        done(true);
      });
    });
  });
}

/**
 * The loopback address that a new lab publishes on: the first whose port 6443 is free, for the API keeps its port.
 *
 * @throws LabError when none is.
 */
export async function freeLoopback(
  addresses: readonly string[] = loopbackAddresses(),
  free: (address: string, port: number) => Promise<boolean> = isFree,
): Promise<string> {
  for (const address of addresses) {
    if (await free(address, API_PORT)) return address;
  }
  throw new LabError(
    `port ${String(API_PORT)} is taken on every loopback address of this machine`,
    "stop what listens on it (another cluster, perhaps), or remove another lab",
  );
}

/** A free port for SSH of a host, not among those already given away. */
export async function freeSshPort(
  address: string,
  given: ReadonlySet<number>,
  free: (address: string, port: number) => Promise<boolean> = isFree,
): Promise<number> {
  for (let port = FIRST_SSH_PORT; port < FIRST_SSH_PORT + 2000; port++) {
    if (!given.has(port) && (await free(address, port))) return port;
  }
  throw new LabError(`no port from ${String(FIRST_SSH_PORT)} on is free on ${address}`);
}
