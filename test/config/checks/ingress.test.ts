import * as assert from "node:assert/strict";
import { errors, stack, warnings } from "../fixtures";

/** A chart version that no claim is made of, to see the ingress's own warnings alone. */
const nginx = (more: object = {}): object => ({ controller: "ingress-nginx", version: "9.9.9", ...more });

describe("ingress", () => {
  it("has host ports as a DaemonSet only", () => {
    assert.deepEqual(
      errors(stack({ ingress: { controller: "ingress-nginx", hostPorts: true }, k3s: { disable: ["traefik"] } })),
      [
        "ingress.hostPorts: is true with kind: Deployment, whose pods compete for the ports of a node; write kind: DaemonSet, or hostPorts: false",
      ],
    );
  });

  it("is warned about when nothing gives its service an address", () => {
    const raw = stack({ ingress: nginx(), k3s: { disable: ["traefik", "servicelb"] } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "ingress.serviceType: is LoadBalancer, but k3s.disable leaves out servicelb, so the service stays Pending without a load balancer of your own; write serviceType: NodePort, or kind: DaemonSet with hostPorts: true and serviceType: ClusterIP",
    ]);
  });

  it("is warned about when it is reached from inside only", () => {
    const raw = stack({ ingress: nginx({ serviceType: "ClusterIP" }), k3s: { disable: ["traefik"] } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "ingress.serviceType: is ClusterIP without hostPorts, so the controller is reached from inside the cluster only; write serviceType: LoadBalancer or NodePort, or hostPorts: true with kind: DaemonSet",
    ]);
  });

  it("has no node ports on a ClusterIP service", () => {
    assert.deepEqual(
      errors(
        stack({
          ingress: nginx({ serviceType: "ClusterIP", nodePorts: { http: 30080 } }),
          k3s: { disable: ["traefik"] },
        }),
      ),
      ["ingress.nodePorts: has no effect with serviceType: ClusterIP; write serviceType: NodePort, or remove it"],
    );
  });

  it("is warned about beside traefik", () => {
    const raw = stack({ ingress: nginx() });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "k3s.disable: does not name traefik, so k3s installs a second ingress controller that competes for ports 80 and 443; write disable: [traefik]",
    ]);
  });

  it("does not count a DaemonSet's pods", () => {
    const raw = stack({ ingress: nginx({ kind: "DaemonSet", replicas: 2 }), k3s: { disable: ["traefik"] } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "ingress.replicas: 2 has no effect with kind: DaemonSet; remove it, or write kind: Deployment",
    ]);
  });
});
