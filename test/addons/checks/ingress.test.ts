import * as assert from "node:assert/strict";
import { errors, stack, warnings } from "../../config/fixtures";

/** A chart version that no claim is made of, to see the ingress's own warnings alone. */
const nginx = (more: object = {}): object => ({ controller: "ingress-nginx", version: "9.9.9", ...more });

describe("ingress", () => {
  it("has host ports as a DaemonSet only", () => {
    assert.deepEqual(
      errors(
        stack({
          ingress: { controller: "ingress-nginx", hostPorts: true, serviceType: "ClusterIP" },
          k3s: { disable: ["traefik"] },
        }),
      ),
      [
        "ingress.hostPorts: is true with kind: Deployment, whose pods compete for the ports of a node; write kind: DaemonSet, or hostPorts: false",
      ],
    );
  });

  it("does not want the ports of the nodes twice", () => {
    const twice = nginx({ kind: "DaemonSet", hostPorts: true });
    assert.deepEqual(errors(stack({ ingress: twice, k3s: { disable: ["traefik"] } })), [
      "ingress.serviceType: is LoadBalancer beside hostPorts: true, and k3s's servicelb takes ports 80 and 443 of the nodes first, so no controller starts; write serviceType: ClusterIP, or hostPorts: false",
    ]);
    const nodePorts = nginx({ serviceType: "NodePort", nodePorts: { http: 30080, https: 30080 } });
    assert.deepEqual(errors(stack({ ingress: nodePorts, k3s: { disable: ["traefik"] } })), [
      "ingress.nodePorts.https: 30080 is ingress.nodePorts.http too; write another port",
    ]);
  });

  it("has its class in one place", () => {
    const values = { controller: { ingressClassResource: { name: "web" } } };
    assert.deepEqual(errors(stack({ ingress: nginx({ values }), k3s: { disable: ["traefik"] } })), [
      'ingress.values.controller.ingressClassResource.name: "web" is not what ingress.className says ("nginx"); write it there and leave it out of values',
    ]);
    assert.deepEqual(
      errors(stack({ ingress: nginx({ values, className: "web" }), k3s: { disable: ["traefik"] } })),
      [],
    );
  });

  it("has a service that somebody gives an address", () => {
    const k3s = { disable: ["traefik", "servicelb"] };
    assert.deepEqual(errors(stack({ ingress: nginx(), k3s })), [
      "ingress.serviceType: is LoadBalancer, but k3s.disable leaves out servicelb, so nothing gives the service an address; write serviceType: NodePort, or kind: DaemonSet with hostPorts: true and serviceType: ClusterIP; for a load balancer of your own write what it reads in ingress.values under controller.service: annotations, loadBalancerClass or loadBalancerIP",
    ]);
    const service = { annotations: { "metallb.io/address-pool": "site" } };
    const own = stack({ ingress: nginx({ values: { controller: { service } } }), k3s });
    assert.deepEqual(errors(own), []);
    assert.deepEqual(warnings(own), [
      "ingress.serviceType: is LoadBalancer, and k3s.disable leaves out servicelb, so all depends on a load balancer of your own; see to it that it runs before the ingress controller is installed",
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

  it("does not share the nodes' ports with traefik", () => {
    const line =
      "k3s.disable: does not name traefik, and both ingress controllers want ports 80 and 443 of the nodes, which only one gets; write disable: [traefik]";
    assert.deepEqual(errors(stack({ ingress: nginx() })), [line]);
    const hostPorts = nginx({ kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" });
    assert.deepEqual(errors(stack({ ingress: hostPorts })), [line]);
  });

  it("is warned about beside traefik on other ports", () => {
    const expected =
      "k3s.disable: does not name traefik, so k3s installs a second ingress controller; write disable: [traefik]";
    for (const raw of [
      stack({ ingress: nginx({ serviceType: "NodePort" }) }),
      stack({
        ingress: nginx({ kind: "DaemonSet", hostPorts: true, serviceType: "ClusterIP" }),
        k3s: { disable: ["servicelb"] },
      }),
    ]) {
      assert.deepEqual([errors(raw), warnings(raw)], [[], [expected]]);
    }
  });

  it("is warned about on the host's network beside a namespace that denies by default", () => {
    const namespaces = { shop: { defaultDeny: true }, own: { defaultDeny: true, allowIngressController: false } };
    const ingress = nginx({ values: { controller: { hostNetwork: true } } });
    const raw = stack({ ingress, namespaces, k3s: { disable: ["traefik"] } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "namespaces.shop.allowIngressController: does not let in a controller with hostNetwork in ingress.values: its requests come from the nodes' own addresses; write hostPorts: true with kind: DaemonSet and leave hostNetwork out, or a NetworkPolicy of your own with the nodes' addresses",
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
