import * as assert from "node:assert/strict";
import { quantityOf } from "../../../config/quantity";
import { errors, stack, warnings } from "../fixtures";

const apps = (namespace: object): Record<string, unknown> => stack({ namespaces: { apps: namespace } });

describe("quotas and limits", () => {
  it("are quantities in quotas and limits", () => {
    assert.deepEqual(
      errors(
        stack({
          namespaces: { apps: { quota: { "requests.memory": "8GB", pods: 20 }, limits: { max: { cpu: "a" } } } },
        }),
      ),
      [
        'namespaces.apps.quota["requests.memory"]: "8GB" is not a quantity; write one like 500m, 4 or 8Gi',
        'namespaces.apps.limits.max.cpu: "a" is not a quantity; write one like 500m, 4 or 8Gi',
      ],
    );
  });

  it("count in a quota what every container says, or gets by default", () => {
    const warningsOf = (namespace: object): string[] => {
      const raw = stack({ namespaces: { apps: namespace } });
      assert.deepEqual(errors(raw), []);
      return warnings(raw);
    };
    const quota = { "requests.cpu": 4, "limits.memory": "8Gi", pods: 20, "requests.storage": "10Gi" };
    const remedy =
      "write what a container gets that says nothing, in limits: default and defaultRequest, e.g. defaultRequest: { cpu: 50m }";
    // Where nothing is set, small limits are made (desired/containerDefaults.ts).
    assert.deepEqual(warningsOf({ quota }), []);
    assert.deepEqual(warningsOf({ quota, limits: {} }), [
      `namespaces.apps.quota: counts requests.cpu and limits.memory, so pods that do not say theirs are refused; ${remedy}`,
    ]);
    assert.deepEqual(warningsOf({ quota, limits: { defaultRequest: { cpu: "50m", memory: "64Mi" } } }), [
      `namespaces.apps.quota: counts limits.memory, so pods that do not say theirs are refused; ${remedy}`,
    ]);
    assert.deepEqual(warningsOf({ quota, limits: { min: { cpu: "1m" }, max: { memory: "2Gi" } } }), []);
    assert.deepEqual(warningsOf({ quota: { pods: 20 } }), []);
  });

  it("leave room for a container that says nothing, and for the least that one must say", () => {
    assert.deepEqual(
      errors(
        apps({
          quota: { "limits.cpu": "500m", cpu: 0.25, "requests.memory": "1Gi", "limits.memory": "1Gi", pods: 1 },
          limits: { default: { cpu: "1", memory: "1024Mi" }, min: { memory: "64Mi" } },
        }),
      ),
      [
        'namespaces.apps.quota["limits.cpu"]: 500m is less than what a container gets that says nothing (limits.default.cpu is 1), so its pod is refused; write at least 1, or less in limits.default.cpu',
        "namespaces.apps.quota.cpu: 0.25 is less than what a container gets that says nothing (limits.default.cpu is 1), so its pod is refused; write at least 1, or less in limits.default.cpu",
      ],
    );
    assert.deepEqual(errors(apps({ quota: { "requests.memory": "1G" }, limits: { min: { memory: "1Gi" } } })), [
      'namespaces.apps.quota["requests.memory"]: 1G is less than the least that a container must have (limits.min.memory is 1Gi), so its pod is refused; write at least 1Gi, or less in limits.min.memory',
    ]);
  });

  it("rise from the least to the most", () => {
    assert.deepEqual(
      errors(
        apps({
          limits: { min: { cpu: "100m" }, defaultRequest: { cpu: "50m" }, default: { cpu: "2" }, max: { cpu: "1" } },
        }),
      ),
      [
        "namespaces.apps.limits.min.cpu: 100m is more than limits.defaultRequest.cpu, which is 50m; write at most 50m",
        "namespaces.apps.limits.default.cpu: 2 is more than limits.max.cpu, which is 1; write at most 1",
      ],
    );
  });
});

describe("a quantity", () => {
  it("is a number with a suffix or an exponent", () => {
    const numbers = {
      "500m": 0.5,
      "4": 4,
      "1.5Gi": 1.5 * 1024 ** 3,
      "2k": 2000,
      "1e3": 1000,
      "1E": 1e18,
      ".5": 0.5,
      "1n": 1e-9,
    };
    for (const [text, number] of Object.entries(numbers)) {
      assert.equal(quantityOf(text)?.toPrecision(12), number.toPrecision(12));
    }
    for (const text of ["8GB", "a", "", "1 Gi", "1ki", "1K"]) assert.equal(quantityOf(text), undefined);
  });
});
