import { createHash } from "node:crypto";
import { Client } from "ssh2";
import { run } from "../../process/run";
import type { Requested } from "./request";

/** A machine's public host key. */
export interface HostKey {
  /** `<type> <base64>`, as the settings have it. */
  readonly text: string;
  /** As `ssh-keygen -lf` prints it: `SHA256:…`. */
  readonly fingerprint: string;
}

const SECONDS = 8;

/**
 * Asks a machine for its host key; nobody logs in.
 *
 * @throws Error when it is not reached.
 */
export function askHostKey({ address, port }: Pick<Requested, "address" | "port">): Promise<HostKey> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let key: Buffer | undefined;
    client.on("error", (error) => (key === undefined ? reject(error) : undefined));
    client.on("close", () => {
      if (key === undefined) reject(new Error("the connection was closed before a host key came"));
    });
    client.connect({
      host: address,
      port,
      username: "nobody",
      readyTimeout: SECONDS * 1000,
      algorithms: {
        serverHostKey: ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
      },
      hostVerifier: (shown: Buffer) => {
        key = shown;
        resolve(hostKeyOf(shown));
        client.end();
        return false;
      },
    });
  });
}

/** A key in the form of the settings, from the bytes that SSH sends. */
export function hostKeyOf(bytes: Buffer): HostKey {
  const type = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString();
  const sum = createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "");
  return { text: `${type} ${bytes.toString("base64")}`, fingerprint: `SHA256:${sum}` };
}

/** What the user's known_hosts says of a machine's key. ssh-keygen reads it: hashed names, ports and patterns are its own business. */
export async function knownAs(
  { address, port }: Pick<Requested, "address" | "port">,
  key: HostKey,
  file: string,
): Promise<"known" | "another" | "unknown"> {
  const name = port === 22 ? address : `[${address}]:${port}`;
  const { stdout } = await run("ssh-keygen", ["-F", name, "-f", file], { timeoutMs: 10_000 });
  const keys = stdout
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" ").slice(-2).join(" "));
  const [type = ""] = key.text.split(" ");
  if (keys.includes(key.text)) return "known";
  return keys.some((each) => each.startsWith(`${type} `)) ? "another" : "unknown";
}
