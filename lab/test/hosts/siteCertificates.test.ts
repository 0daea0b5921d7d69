import assert from "node:assert/strict";
import { stringify } from "yaml";
import { LabError } from "../../error";
import { fromSite } from "../../hosts/siteCertificates";
import type { HostState } from "../../state";

const host = (name: string, role: HostState["role"], octet: number): HostState => ({
  name,
  role,
  octet,
  sshPort: 22000 + octet,
  hostKey: "ssh-ed25519 HOST",
});
const lab = { prefix: "172.30.4", hosts: [host("agent-1", "agent", 31), host("server-1", "server", 11)] };

function kubeconfig(server: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "lab", cluster: { server, "certificate-authority-data": "Q0E=" } }],
    users: [{ name: "lab", user: { "client-key-data": "S0VZ" } }],
  });
}

describe("the kubeconfig of the site's cert-manager", () => {
  it("leads to the first server in the lab's network, whose certificate is for the name that it had", () => {
    for (const [server, url, name] of [
      ["https://127.0.0.1:6443", "https://172.30.4.11:6443", "127.0.0.1"],
      ["https://k3s.lab.test", "https://172.30.4.11:443", "k3s.lab.test"],
      ["https://[::1]:16443", "https://172.30.4.11:16443", "::1"],
    ] as const) {
      const expected = kubeconfig(url).replace("Q0E=\n", `Q0E=\n      tls-server-name: ${stringify(name)}`);
      assert.equal(fromSite(kubeconfig(server), lab), expected);
    }
  });

  it("is refused where it leads nowhere, or the lab has no server", () => {
    for (const [text, where] of [
      ["clusters: []\n", lab],
      [kubeconfig("somewhere"), lab],
      [kubeconfig("https://127.0.0.1:6443"), { ...lab, hosts: lab.hosts.slice(0, 1) }],
    ] as const) {
      assert.throws(() => fromSite(text, where), LabError);
    }
  });
});
