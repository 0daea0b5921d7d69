import { shellQuote } from "../components/k3s/script";
import { GroundworkError } from "../config/groundworkError";
import type { Host, HostRunOptions } from "./host";
import type { Site } from "./site";

/** The cluster's API, asked with k3s's own kubectl on a server that answers: it needs no way to the API but SSH. */
export class Kubectl {
  /** The server that it runs on. */
  readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  /**
   * Runs `kubectl` with these words and gives what it printed.
   *
   * @throws GroundworkError with kubectl's own last line.
   */
  async text(words: readonly string[], options: HostRunOptions = {}): Promise<string> {
    const command = ["k3s", "kubectl", ...words].map(shellQuote).join(" ");
    const { code, stdout, stderr } = await this.host.run(command, options);
    if (code === 0) return stdout;
    const said = stderr.trim().split("\n").at(-1) ?? "";
    throw new GroundworkError("failed", `kubectl ${words.slice(0, 2).join(" ")} on ${this.host.name}: ${said}`);
  }

  /** The same with `-o json`. */
  async json(words: readonly string[], options: HostRunOptions = {}): Promise<unknown> {
    const text = await this.text([...words, "-o", "json"], options);
    return text.trim() === "" ? undefined : (JSON.parse(text) as unknown);
  }
}

/**
 * kubectl on the first server whose own API answers.
 *
 * @throws GroundworkError with what each server said.
 */
export async function kubectlOf({ hosts }: Pick<Site, "hosts">): Promise<Kubectl> {
  const reasons: string[] = [];
  for (const host of hosts.filter(({ node }) => node.role === "server")) {
    try {
      const kubectl = new Kubectl(host);
      await kubectl.text(["get", "--raw", "/readyz", "--request-timeout=10s"]);
      return kubectl;
    } catch (error) {
      reasons.push(`${host.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new GroundworkError("failed", ["no server's API answers:", ...reasons].join("\n  "));
}
