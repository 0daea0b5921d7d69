import * as assert from "node:assert/strict";
import { outputsOf } from "../../desired/outputs";
import { settingsOf } from "../program";

describe("what a stack tells programs that put workloads into its cluster", () => {
  const of = (changes: Record<string, unknown>): readonly [ingressClass: string, gateway: string] => {
    const { ingressClass, gateway } = outputsOf(settingsOf(changes), undefined, "");
    return [ingressClass, gateway];
  };

  for (const [what, changes, expected] of [
    ["k3s's own Traefik", {}, ["traefik", ""]],
    ["no controller", { k3s: { disable: ["traefik"] } }, ["", ""]],
    ["ingress-nginx", { ingress: { controller: "ingress-nginx" } }, ["nginx", ""]],
    ["a class of another name", { ingress: { controller: "ingress-nginx", className: "inner" } }, ["inner", ""]],
    ["Traefik", { ingress: { controller: "traefik" } }, ["traefik", ""]],
    ["a Gateway", { ingress: { controller: "gateway" } }, ["", "kube-system/traefik-gateway"]],
  ] as const) {
    it(`is the way in by ${what}`, () => assert.deepEqual(of(changes), expected));
  }
});
