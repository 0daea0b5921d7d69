import assert from "node:assert/strict";
import { GroundworkError } from "../../../config/groundworkError";
import type { Host, HostAnswer } from "../../../operate/host";
import { Kubectl } from "../../../operate/kubectl";
import { explain, forcible } from "../../../operate/unstick/explain";
import { ownerOf } from "../../../operate/unstick/finalizers";
import { force } from "../../../operate/unstick/force";
import type { Held, Stuck } from "../../../operate/unstick/model";
import { heldIn, stuckDefinition, stuckNamespace } from "../../../operate/unstick/read";

const SINCE = "2026-11-28T19:15:55Z";
const STUCK: Stuck = {
  kind: "namespace",
  name: "shop",
  uid: "u-shop",
  deletedAt: SINCE,
  finalizers: [],
  conditions: [],
  held: [],
  unlisted: [],
  services: [],
};

function held(name: string, more: Partial<Held> = {}): Held {
  return {
    resource: "configmaps",
    namespace: "shop",
    name,
    uid: `u-${name}`,
    deletedAt: SINCE,
    finalizers: [],
    ...more,
  };
}

/** kubectl on a host of paper: answers by what a command begins with, and keeps what was asked. */
function paperKubectl(answers: Readonly<Record<string, Partial<HostAnswer>>>): { kubectl: Kubectl; asked: string[] } {
  const asked: string[] = [];
  const run = async (command: string): Promise<HostAnswer> => {
    const words = command.replaceAll("'", "").replace(/^k3s kubectl /, "");
    asked.push(words);
    const found = Object.entries(answers).find(([start]) => words.startsWith(start));
    return { code: 0, stdout: "", stderr: "", ...(found?.[1] ?? { code: 1, stderr: `not expected: ${words}` }) };
  };
  return { kubectl: new Kubectl({ name: "s1", run } as unknown as Host), asked };
}

const line = (...fields: readonly string[]): string => `${fields.join("\t")}\n`;
const namespace = (more: object = {}) => ({
  stdout: JSON.stringify({ metadata: { name: "shop", uid: "u-shop", deletionTimestamp: SINCE, ...more }, status: {} }),
});
const LISTED = {
  "get apiservices": { stdout: '{"items":[]}' },
  "api-resources": { stdout: "pods\nevents\nwidgets.demo.test\n" },
};

describe("a namespace or a definition that does not go", () => {
  const explained = (stuck: Partial<Stuck>): string[] =>
    explain({ ...STUCK, ...stuck }).map(
      ({ level, check, where = "", message }) => `${level} ${check} ${where}: ${message}`,
    );

  it("has its causes with their owners, those that hold several things first", () => {
    assert.deepEqual(
      explained({
        held: [
          held("w", { resource: "challenges.acme.cert-manager.io", finalizers: ["acme.cert-manager.io/finalizer"] }),
          held("theirs", { finalizers: ["backup.example.org/keep"] }),
          held("p", { resource: "pods" }),
          held("kept", { deletedAt: undefined }),
        ],
        services: [
          { name: "v1beta1.metrics.k8s.io", service: "kube-system/metrics-server", reason: "ServiceNotFound" },
        ],
        finalizers: ["controller.cattle.io/namespace-auth"],
      }),
      [
        "error api-service v1beta1.metrics.k8s.io: kube-system/metrics-server does not answer for it (ServiceNotFound), so that nobody knows what is left",
        "error finalizer challenges.acme.cert-manager.io shop/w: acme.cert-manager.io/finalizer is kept by cert-manager, which takes the challenge's record away",
        "error finalizer configmaps shop/theirs: backup.example.org/keep is kept by the program behind backup.example.org",
        "error ending pods shop/p: it is being deleted, and its end is not reported",
        "error not-deleted configmaps shop/kept: nobody has deleted it",
        "error finalizer shop: controller.cattle.io/namespace-auth is kept by Rancher",
      ],
    );
  });

  it("has nothing that holds it, and says what the API server says", () => {
    const conditions = [
      { type: "NamespaceContentRemaining", status: "True", message: "Some resources are remaining: x" },
    ];
    assert.deepEqual(explained({ conditions }), [
      "warning nothing-left shop: nothing holds it that could be seen: Some resources are remaining: x",
    ]);
  });

  it("knows whose the usual finalizers are", () => {
    const known = (finalizer: string): string => ownerOf(finalizer).owner;
    assert.match(known("kubernetes.io/pvc-protection"), /while a pod uses the claim/);
    assert.match(known("longhorn.io"), /Longhorn/);
    assert.match(known("wrangler.cattle.io/on-helm-chart-remove"), /k3s's own Helm controller/);
    assert.match(known("service.kubernetes.io/load-balancer-cleanup"), /ServiceLB, MetalLB/);
    assert.match(known("example.org"), /the program behind example\.org/);
  });

  it("is read of all kinds that are stored, by names only", async () => {
    const { kubectl, asked } = paperKubectl({
      "get namespaces shop": namespace(),
      ...LISTED,
      "get pods,widgets.demo.test -n shop": {
        stdout:
          line("v1", "Pod", "shop", "p", "u1", SINCE, "") +
          line("demo.test/v1", "Widget", "shop", "w", "u2", SINCE, '["demo.test/cleanup"]'),
      },
    });
    const stuck = await stuckNamespace(kubectl, "shop");
    assert.deepEqual(stuck.held, [
      held("p", { resource: "pods", uid: "u1" }),
      held("w", { resource: "widgets.demo.test", uid: "u2", finalizers: ["demo.test/cleanup"] }),
    ]);
    assert.deepEqual(stuck.unlisted, []);
    assert.ok(!asked.some((words) => / -o json( |$)/.test(words) && words.includes("pods")));
  });

  it("keeps what could be listed where a webhook does not answer, and says what could not", async () => {
    const said =
      'conversion webhook for demo.test/v1, Kind=Widget failed: Post "https://w.demo.svc:443/": service "w" not found';
    const { kubectl } = paperKubectl({
      "get namespaces shop": namespace(),
      ...LISTED,
      "get pods,": {
        code: 1,
        stdout: line("v1", "Pod", "shop", "p", "u1", SINCE, ""),
        stderr: `Error from server: ${said}\n`,
      },
    });
    const stuck = await stuckNamespace(kubectl, "shop");
    assert.deepEqual([stuck.held.length, stuck.unlisted], [1, [said]]);
    assert.match(explain(stuck)[0]?.remedy ?? "", /start the program that converts them again/);
  });

  it("is an error where the list is not had: no answer is not an empty one", async () => {
    const { kubectl } = paperKubectl({
      "get namespaces shop": namespace(),
      ...LISTED,
      "get pods,": { code: 124, stderr: "no answer after 120 s\n" },
    });
    await assert.rejects(stuckNamespace(kubectl, "shop"), /no answer after 120 s/);
  });

  it("is never one that is not being deleted, or not there", async () => {
    const alive = paperKubectl({ "get namespaces shop": namespace({ deletionTimestamp: undefined }) });
    await assert.rejects(stuckNamespace(alive.kubectl, "shop"), /is not being deleted, so nothing is stuck/);
    assert.equal(alive.asked.length, 1);
    const none = paperKubectl({ "get customresourcedefinitions": {} });
    await assert.rejects(
      stuckDefinition(none.kubectl, "widgets.demo.test"),
      /there is no definition 'widgets\.demo\.test'/,
    );
  });

  it("counts one object that two groups show once", () => {
    const twice = ["apps/v1", "extensions/v1beta1"].map((version) =>
      line(version, "ReplicaSet", "shop", "r", "u1", SINCE, ""),
    );
    assert.equal(heldIn(twice.join(""), ["replicasets.apps", "replicasets.extensions"]).length, 1);
    const kinds = ["Ingress", "NetworkPolicy"].map((kind) =>
      line("networking.k8s.io/v1", kind, "shop", "x", kind, "", ""),
    );
    assert.deepEqual(
      heldIn(kinds.join(""), ["ingresses.networking.k8s.io", "networkpolicies.networking.k8s.io"]).map(
        ({ resource }) => resource,
      ),
      ["ingresses.networking.k8s.io", "networkpolicies.networking.k8s.io"],
    );
  });
});

describe("taking finalizers away", () => {
  const stuck: Stuck = {
    ...STUCK,
    held: [
      held("a", { finalizers: ["x/y"] }),
      held("alive", { finalizers: ["x/y"], deletedAt: undefined }),
      held("ends"),
      held("b", { finalizers: ["x/y"] }),
    ],
  };

  it("is for what is being deleted and has some, and for the very object that was listed", async () => {
    assert.deepEqual(
      forcible(stuck).map(({ name }) => name),
      ["a", "b"],
    );
    const { kubectl, asked } = paperKubectl({ patch: {}, "get namespaces shop --ignore-not-found": {} });
    const said: string[] = [];
    assert.deepEqual(await force(kubectl, stuck, { say: (each) => said.push(each) }), {
      released: 2,
      failed: [],
      isGone: true,
    });
    assert.deepEqual(said, ["released configmaps shop/a", "released configmaps shop/b"]);
    assert.equal(asked[0], 'patch configmaps a -n shop --type=merge -p {"metadata":{"uid":"u-a","finalizers":null}}');
    assert.equal(asked.filter((words) => words.startsWith("patch")).length, 2);
  });

  it("goes on after one that fails, names it, and says that it is still there", async () => {
    const { kubectl } = paperKubectl({
      "patch configmaps a": { code: 1, stderr: "Error from server: conversion webhook failed\n" },
      "patch configmaps b": { code: 1, stderr: 'Error from server (NotFound): configmaps "b" not found\n' },
      "get namespaces shop --ignore-not-found": { stdout: "u-shop" },
    });
    const { released, failed, isGone } = await force(kubectl, stuck, { say: () => undefined, waitMs: 0 });
    assert.deepEqual([released, failed.length, isGone], [1, 1, false]);
    assert.match(failed[0]!, /^configmaps shop\/a: .*conversion webhook failed$/);
  });

  it("keeps the API server's own clean-up of a definition", async () => {
    const definition: Stuck = { ...STUCK, kind: "definition", name: "w.demo.test", finalizers: ["x/y"] };
    const { kubectl, asked } = paperKubectl({ patch: {}, "get customresourcedefinitions": {} });
    await force(kubectl, definition, { say: () => undefined });
    assert.match(asked[0]!, /"finalizers":\["customresourcecleanup\.apiextensions\.k8s\.io"\]/);
  });

  it("is an error of the class that is told in one line", async () => {
    const { kubectl } = paperKubectl({});
    await assert.rejects(stuckNamespace(kubectl, "shop"), GroundworkError);
  });
});
