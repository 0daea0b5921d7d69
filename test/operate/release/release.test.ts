import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { historyText } from "../../../cli/runRelease";
import { chosen, revisionsIn, target, type ReleaseHistory } from "../../../operate/release/history";
import { helmEnvironment, requireHelm, rollBack } from "../../../operate/release/rollback";
import { plainPaint } from "../../../plan/render/paint";

/** A Secret's data as Helm and Kubernetes pack it: JSON, gzip, base64, base64. */
function packed(release: object): string {
  return Buffer.from(gzipSync(JSON.stringify(release)).toString("base64")).toString("base64");
}

/** As `helm` 3 writes it, with what nobody is to see. */
function release(version: number, status: string, chartVersion: string, description = "Upgrade complete") {
  return {
    name: "longhorn",
    info: {
      first_deployed: "2026-11-01T10:00:00.123456789Z",
      last_deployed: `2026-11-0${String(version)}T12:00:00.123456789+02:00`,
      deleted: "",
      description,
      status,
    },
    chart: {
      metadata: { name: "longhorn", version: chartVersion, appVersion: `v${chartVersion}` },
      templates: [],
      values: {},
    },
    config: { backup: { password: "hunter2" } },
    manifest: "---\nkind: Secret",
    version,
    namespace: "longhorn-system",
  };
}

function history(...states: readonly (readonly [string, string])[]): ReleaseHistory {
  const lines = states.map(
    ([status, version], index) => `s${String(index)} ${packed(release(index + 1, status, version))}\n`,
  );
  return { name: "longhorn", namespace: "longhorn-system", revisions: revisionsIn(lines.reverse().join("")) };
}

describe("the history of a release", () => {
  it("is read from Helm's Secrets, oldest first, without values and manifests", () => {
    const found = history(["superseded", "1.11.2"], ["deployed", "1.11.3"]);
    assert.equal(
      historyText(found, { paint: plainPaint }),
      `REVISION  UPDATED               STATUS      CHART            APP      DESCRIPTION
1         2026-11-01 10:00 UTC  superseded  longhorn-1.11.2  v1.11.2  Upgrade complete
2         2026-11-02 10:00 UTC  deployed    longhorn-1.11.3  v1.11.3  Upgrade complete
`,
    );
    assert.ok(!JSON.stringify(found).includes("hunter2"));
  });

  it("is an error where a Secret is not Helm's, without a word of what is in it", () => {
    for (const data of ["", packed({ password: "hunter2" }), Buffer.from("hunter2").toString("base64")]) {
      assert.throws(() => revisionsIn(`odd ${data}\n`), { message: "the Secret odd is not one that Helm wrote" });
    }
  });

  it("is that of the one release that was meant", () => {
    const all = [
      { name: "a", namespace: "x" },
      { name: "a", namespace: "y" },
      { name: "b", namespace: "x" },
    ];
    assert.deepEqual(chosen(all, { name: "b", namespace: undefined }), { name: "b", namespace: "x" });
    assert.deepEqual(chosen(all, { name: "a", namespace: "y" }), { name: "a", namespace: "y" });
    assert.throws(() => chosen(all, { name: "a", namespace: undefined }), { remedy: "name one with -n: x, y" });
    assert.throws(() => chosen(all, { name: "c", namespace: "x" }), {
      message: "there is no release 'c' in namespace x",
      remedy: "there are: x/a, x/b, y/a",
    });
  });

  it("says where to go back to: what was asked for, or the last that worked", () => {
    const found = history(["superseded", "1"], ["superseded", "2"], ["failed", "3"], ["failed", "4"]);
    assert.equal(target(found, undefined).revision, 2);
    assert.equal(target(found, 1).revision, 1);
    assert.throws(() => target(found, 9), {
      message: "release longhorn has no revision 9",
      remedy: "there are: 1, 2, 3, 4",
    });
    assert.throws(() => target(history(["deployed", "1"]), undefined), /no earlier revision that worked/);
    assert.throws(() => target(history(["superseded", "1"], ["deployed", "2"]), 2), /is the one that runs/);
  });
});

describe("the rollback of a release", () => {
  const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  const bin = join(directory, "bin");
  const env = { PATH: `${bin}:/usr/bin:/bin`, KUBECONFIG: "/other", HELM_KUBETOKEN: "x", HOME: directory };
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** A `helm` that writes down what it was given. */
  function helm(script: string): void {
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "helm"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, "helm"), 0o755);
  }
  const roll = async (said: string[] = []) =>
    rollBack({ name: "longhorn", namespace: "longhorn-system" }, 2, "the kubeconfig", {
      env,
      timeoutSeconds: 60,
      say: (line) => said.push(line),
    });

  it("needs the program helm, and says what to do without", async () => {
    await assert.rejects(requireHelm({ PATH: directory }), {
      message: "a rollback is done by the program helm, and it is not on PATH",
      remedy: /install it .*; or set the earlier version and values in the stack file and run up/,
    });
    helm("echo v3.19.0");
    assert.equal(await requireHelm(env), "v3.19.0");
  });

  it("is helm's, with a kubeconfig for this user only that is gone afterwards", async () => {
    helm(`for last; do case $before in --kubeconfig) file=$last ;; esac; before=$last; done
      { echo "$@"; stat -c %a "$file" "$(dirname "$file")"; cat "$file"; echo; echo "$KUBECONFIG$HELM_KUBETOKEN"; } >"$HOME/said"
      echo "Rollback was a success! ($file)"`);
    const said: string[] = [];
    await roll(said);
    const [words = "", ...rest] = readFileSync(join(directory, "said"), "utf8").split("\n");
    const file = / --kubeconfig (\S+) /.exec(words)?.[1] ?? "";
    assert.equal(
      words.replace(file, "FILE"),
      "rollback longhorn 2 --namespace longhorn-system --kubeconfig FILE --wait --timeout 60s",
    );
    assert.deepEqual(rest.slice(0, 4), ["600", "700", "the kubeconfig", ""]);
    assert.ok(file !== "" && !existsSync(file));
    assert.deepEqual(said, ["Rollback was a success! (the stack's kubeconfig)"]);
  });

  it("fails with helm's last words, and leaves no kubeconfig behind either", async () => {
    helm(`echo "$@" >"$HOME/said"; echo 'Error: release: not found' >&2; exit 1`);
    await assert.rejects(roll(), { message: "helm did not roll longhorn back: release: not found" });
    const file = / --kubeconfig (\S+) /.exec(readFileSync(join(directory, "said"), "utf8"))?.[1] ?? "";
    assert.ok(file !== "" && !existsSync(file));
  });

  it("leads helm to the stack's cluster, whatever else is set", () => {
    assert.deepEqual(
      helmEnvironment({ ...env, HELM_NAMESPACE: "x", PULUMI_CONFIG_PASSPHRASE: "p", HELM_CACHE_HOME: "c" }),
      {
        PATH: env.PATH,
        HOME: directory,
        HELM_CACHE_HOME: "c",
      },
    );
  });
});
