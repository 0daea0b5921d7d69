import * as assert from "node:assert/strict";
import { desiredStack } from "../../desired/cluster";
import { groundwork } from "../../index";
import { renderMarkdown } from "../../plan/render/markdown";
import { renderText } from "../../plan/render/text";
import { policyOfStack } from "../../policy/ofStack";
import { errors, settingsFrom, stack } from "../config/fixtures";
import { planOf, STACKS, stackText } from "../plan/stacks";
import { run } from "../program";

const KUBE_VIP = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: kube-vip, namespace: kube-system }
spec:
  selector: { matchLabels: { app: kube-vip } }
  template:
    metadata: { labels: { app: kube-vip } }
    spec:
      hostNetwork: true
      containers:
        - name: kube-vip
          image: ghcr.io/kube-vip/kube-vip
          resources: { requests: { cpu: 10m, memory: 32Mi } }
`;
const PRIVILEGED = "DaemonSet kube-system/kube-vip: has hostNetwork";
const UNPINNED = "DaemonSet kube-system/kube-vip: container kube-vip runs ghcr.io/kube-vip/kube-vip";
const excepted = (rule: string, at: string) => ({ rule, at, reason: "it answers for the API's address" });

/** What is found in a stack with kube-vip in its manifests. */
function policyOf(policy: object, k3s: object = { manifests: { "kube-vip": KUBE_VIP } }) {
  const settings = settingsFrom({ k3s, policy });
  const { violations, warnings } = policyOfStack(settings, desiredStack(settings, "groundwork"));
  return {
    found: violations.map(({ level, at, problem }) => `${level} ${at}: ${problem}`),
    warnings: warnings.map(({ path, problem }) => `${path}: ${problem}`),
  };
}

describe("the policy of a stack", () => {
  it("finds nothing in the committed stacks", async () => {
    for (const name of STACKS) assert.deepEqual((await planOf(stackText(name), name)).policy, [], name);
  });

  it("looks at manifests, each of a List and of several documents, and at the roll-out's job", () => {
    assert.deepEqual(policyOf({}).found, [`warn ${UNPINNED}`, `warn ${PRIVILEGED}`]);
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [] });
    const two = { manifests: { own: `${list}\n---\n${KUBE_VIP}\n---\n# nothing\n` } };
    assert.deepEqual(policyOf({}, two).found.length, 2);
    const containers = [{ name: "job", image: "smoke" }];
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "smoke", namespace: "default" },
      spec: { template: { spec: { restartPolicy: "Never", containers } } },
    };
    const settings = settingsFrom({ rollout: { check: { job } } });
    assert.deepEqual(
      policyOfStack(settings, desiredStack(settings, "groundwork")).violations.map(({ rule, at }) => `${rule} ${at}`),
      ["image-pinned Job default/smoke", "resource-requests Job default/smoke"],
    );
  });

  it("goes by the stack's levels", () => {
    const levels = { "image-pinned": "refuse", "privileged-pod": "off" };
    assert.deepEqual(policyOf({ levels }).found, [`refuse ${UNPINNED}`]);
  });

  it("finds a certificate of Let's Encrypt's staging where the stack says that there is to be none", () => {
    const settings = settingsFrom({
      certificates: {
        certManager: true,
        email: "ops@groundwork.dev",
        issued: { www: { issuer: "le", namespace: "apps", names: ["www.groundwork.dev"] } },
      },
      issuers: { le: { type: "acme-http01", server: "staging" } },
      ingress: { className: "own" },
      namespaces: { apps: {} },
      policy: { levels: { "staging-issuer": "refuse" } },
    });
    const { violations } = policyOfStack(settings, desiredStack(settings, "groundwork"));
    assert.deepEqual(
      violations.map(({ at, problem }) => `${at}: ${problem}`),
      ["Certificate apps/www: takes its certificate from le"],
    );
  });

  it("excepts what has a reason, and warns of an exception that changes nothing", () => {
    const exceptions = [
      excepted("privileged-pod", "DaemonSet kube-system/*"),
      excepted("privileged-pod", "DaemonSet kube-system/other"),
      excepted("readiness-probe", "DaemonSet kube-system/kube-vip"),
    ];
    const { found, warnings } = policyOf({ exceptions });
    assert.deepEqual(found, [`warn ${UNPINNED}`]);
    assert.deepEqual(warnings, [
      "policy.exceptions[1]: changes nothing: privileged-pod finds nothing at DaemonSet kube-system/other",
      "policy.exceptions[2]: changes nothing: readiness-probe finds nothing at DaemonSet kube-system/kube-vip",
    ]);
  });

  it("says in one go what is wrong with its settings", () => {
    const policy = {
      levels: { "image-pined": "refuse", "ingress-tls": "error" },
      exceptions: [
        { rule: "privileged-pod", at: "DaemonSet monitoring/exporter" },
        { rule: "privileged-pod", at: "exporter", reason: " " },
        { rule: "privileged", at: "Pod a/b", reason: "x" },
      ],
    };
    const found = errors(stack({ policy }));
    assert.deepEqual(found.map((line) => line.slice(0, line.indexOf(":"))).sort(), [
      "policy.exceptions[0].reason",
      "policy.exceptions[1].at",
      "policy.exceptions[1].reason",
      "policy.exceptions[2].rule",
      "policy.levels.image-pined",
      "policy.levels.ingress-tls",
    ]);
    assert.match(found.join("\n"), /image-pinned/);
  });

  it("is shown in the plan, with what 'up' refuses", async () => {
    const manifest = KUBE_VIP.trim().replaceAll(/^/gm, "        ");
    const dev = stackText("dev");
    const text = dev.replace(
      /^ {2}groundwork:k3s:\n/m,
      (key) =>
        `  groundwork:policy:\n    levels: { image-pinned: refuse }\n${key}    manifests:\n      kube-vip: |\n${manifest}\n`,
    );
    assert.notEqual(text, dev);
    const plan = await planOf(text);
    const shown = renderText(plan, { width: 120 });
    assert.match(shown, /^Policy \(2\)$/m);
    assert.ok(
      shown.includes(`  ✗ ${UNPINNED}\n      image-pinned, refused by 'up': each node may run`),
      shown.slice(0, 2000),
    );
    assert.ok(shown.includes(`  ! ${PRIVILEGED}\n      privileged-pod: whoever gets`));
    assert.match(renderMarkdown(plan), /^### Policy\n\n- ⛔ .*image-pinned/m);
  });

  it("ends 'up' before anything is registered, with all that is refused in one error", async () => {
    const source = (levels: object) => ({
      raw: stack({ k3s: { manifests: { "kube-vip": KUBE_VIP } }, policy: { levels } }),
      problems: [],
      missingSecrets: "warning" as const,
      warn: () => undefined,
    });
    const noWay = () => Promise.resolve();
    const { resources } = await run(() => groundwork(source({}), undefined, noWay));
    assert.ok(resources.length > 0);

    let registered = 0;
    await run(() => {
      const refused = { "image-pinned": "refuse", "privileged-pod": "refuse" };
      assert.throws(
        () => groundwork(source(refused), undefined, noWay),
        (error: Error) => {
          assert.match(error.message, /^The policy of stack '.*' refuses 2 things:\n {2}DaemonSet/);
          assert.ok(error.message.includes(UNPINNED) && error.message.includes(PRIVILEGED));
          return true;
        },
      );
      return {};
    }).then((made) => (registered = made.resources.filter(({ type }) => type !== "pulumi:pulumi:Stack").length));
    assert.equal(registered, 0);
  });
});
