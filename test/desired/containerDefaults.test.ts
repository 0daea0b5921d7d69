import * as assert from "node:assert/strict";
import { limitsOf } from "../../desired/containerDefaults";

const made = (quota: Record<string, string | number>): unknown => limitsOf({ quota, limits: undefined });

describe("what containers of a namespace get that say nothing", () => {
  it("is small, and only what a quota counts", () => {
    assert.equal(made({}), undefined);
    assert.equal(made({ pods: 20, "requests.storage": "10Gi" }), undefined);
    assert.deepEqual(made({ cpu: 4 }), { defaultRequest: { cpu: "50m" } });
    assert.deepEqual(made({ "requests.cpu": 4, "requests.memory": "8Gi", pods: 40 }), {
      defaultRequest: { cpu: "50m", memory: "64Mi" },
    });
  });

  it("asks for little where limits are counted, and not for the whole limit", () => {
    assert.deepEqual(made({ "limits.memory": "8Gi" }), {
      default: { memory: "512Mi" },
      defaultRequest: { memory: "64Mi" },
    });
  });

  it("is never more than the quota, and never asks for more than its limit", () => {
    assert.deepEqual(made({ "requests.cpu": "20m" }), { defaultRequest: { cpu: "20m" } });
    assert.deepEqual(made({ "requests.cpu": 4, cpu: "10m" }), { defaultRequest: { cpu: "10m" } });
    assert.deepEqual(made({ "requests.memory": "8Gi", "limits.memory": "32Mi" }), {
      default: { memory: "32Mi" },
      defaultRequest: { memory: "32Mi" },
    });
  });

  it("is what the stack says, where it says something", () => {
    const limits = { defaultRequest: { cpu: "1" } };
    assert.deepEqual(limitsOf({ quota: { "requests.memory": "8Gi" }, limits }), limits);
    assert.deepEqual(limitsOf({ quota: { "requests.memory": "8Gi" }, limits: {} }), {});
  });
});
