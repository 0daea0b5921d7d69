import assert from "node:assert/strict";
import { readablePulumi } from "../pulumiLines";

describe("the lines of Pulumi's engine in a lab", () => {
  const shown = (...lines: readonly string[]): string[] => {
    const out: string[] = [];
    lines.forEach(readablePulumi((line) => out.push(line)));
    return out;
  };

  it("have each line of a host once, with its resource before it, and no 'updating....' between them", () => {
    const agent = " ~  command:remote:Command agent-1";
    assert.deepEqual(
      shown(
        "Updating (lab):",
        "@ updating....",
        `${agent} updating (0s) [diff: ~stdin]`,
        `${agent} updating (1s) [diff: ~stdin]; changed /etc/rancher/k3s/config.yaml`,
        "@ updating.........",
        `${agent} updating (2s) [diff: ~stdin]; changed /etc/rancher/k3s/config.yaml`,
        `${agent} updating (13s) [diff: ~stdin]; k3s is healthy after 11 s`,
        `${agent} updated (13s) [diff: ~stdin]; k3s is healthy after 11 s`,
        " +  kubernetes:core/v1:Namespace apps creating (0s)",
        " +  kubernetes:core/v1:Namespace apps created (0.25s)",
        "Resources:",
        "    ~ 1 updated",
      ),
      [
        "Updating (lab):",
        `${agent} updating`,
        "agent-1 | changed /etc/rancher/k3s/config.yaml",
        "agent-1 | k3s is healthy after 11 s",
        `${agent} updated (13s)`,
        " +  kubernetes:core/v1:Namespace apps creating",
        " +  kubernetes:core/v1:Namespace apps created (0.25s)",
        "Resources:",
        "    ~ 1 updated",
      ],
    );
  });

  it("keep what failed, and everything that is no operation", () => {
    assert.deepEqual(
      shown(
        " ~  command:remote:Command agent-1 **updating failed** [diff: ~stdin]; error: agent-1: no",
        " ~  command:remote:Command agent-1 updating failed (3s) [diff: ~stdin]; error: agent-1: no",
        "Diagnostics:",
        "  command:remote:Command (agent-1):",
        "    error: Process exited with status 1",
      ),
      [
        " ~  command:remote:Command agent-1 **updating failed** [diff: ~stdin]; error: agent-1: no",
        "agent-1 | error: agent-1: no",
        " ~  command:remote:Command agent-1 updating failed (3s)",
        "Diagnostics:",
        "  command:remote:Command (agent-1):",
        "    error: Process exited with status 1",
      ],
    );
  });
});
