const { PolicyPack } = require("@pulumi/policy");
const { groundworkPolicies } = require("groundwork/policy");

new PolicyPack("shop", {
  policies: groundworkPolicies({
    levels: { "image-pinned": "refuse", "ingress-tls": "refuse", "staging-issuer": "refuse" },
    exceptions: [
      { rule: "privileged-pod", at: "DaemonSet monitoring/node-exporter", reason: "it reads the figures of the node" },
    ],
  }),
});
