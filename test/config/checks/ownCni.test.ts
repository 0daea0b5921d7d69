import * as assert from "node:assert/strict";
import { errors, stack, warnings } from "../fixtures";

const network = { flannelBackend: "none" };
const server = { "disable-network-policy": true };

describe("a CNI of the user's own", () => {
  it("is warned about where nothing brings one, and where k3s's policies stay", () => {
    assert.deepEqual(errors(stack({ network })), []);
    assert.deepEqual(warnings(stack({ network })), [
      "network.flannelBackend: is none, and nothing in the stack brings a CNI: no node is Ready and no add-on starts before somebody installs one; bring its manifest in k3s.manifests, or install it while the add-ons wait",
      "k3s.server.disable-network-policy: is not true, so that k3s's own network policies work beside those of the CNI; set it to true, unless the CNI has none (docs.k3s.io/networking/basic-network-options, Custom CNI)",
    ]);
  });

  it("comes by a manifest, or by a file in the directory of CNIs", () => {
    assert.deepEqual(warnings(stack({ network, k3s: { server, manifests: { cilium: "# later\n" } } })), []);
    const files = { "/etc/cni/net.d/10-own.conflist": { content: "{}" } };
    assert.deepEqual(warnings(stack({ network, k3s: { server, files } })), []);
  });
});
