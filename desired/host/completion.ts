import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import type { HostFile } from "./hostFile";

/** Where bash-completion looks for what the machine's owner adds, when the command is completed for the first time. */
export const COMPLETION = "/usr/local/share/bash-completion/completions/kubectl";

/**
 * Completion of kubectl for bash on servers. The file asks the host's own kubectl, so it does not change with k3s; k3s's warns those
 * who may not read its kubeconfig.
 */
export function completionFiles({ k3s }: Settings, { role }: NodePlace): HostFile[] {
  if (!k3s.kubectlCompletion || role === "agent") return [];
  const content = `# Completion of kubectl, as the kubectl of this host has it (by Groundwork).
if command -v kubectl >/dev/null; then
  source <(kubectl completion bash 2>/dev/null)
fi
`;
  return [{ path: COMPLETION, mode: "644", effect: "keep", label: "completion", content, given: true }];
}
