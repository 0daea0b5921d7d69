import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { isObject, type Value, type Values } from "./propertyValues";

const { specialSigKey, specialAssetSig } = pulumi.runtime;

/** A file of this machine as a value; the hash is the engine's, of its content. */
export interface FileAsset extends Values {
  readonly path: string;
  readonly hash: string;
}

export function isAsset(value: Value): value is FileAsset {
  return isObject(value) && value[specialSigKey] === specialAssetSig;
}

/** The value with the hash of each file in it, as Pulumi's engine adds it when a resource is registered (sdk/go/common/resource/asset). */
export async function withHashes(value: Value): Promise<Value> {
  if (Array.isArray(value)) return Promise.all(value.map(withHashes));
  if (!isObject(value)) return value;
  if (isAsset(value)) {
    if (typeof value.path !== "string") throw new Error("the lab engine knows files as assets, and no texts or URLs");
    return { ...value, hash: await hashOf(value.path) };
  }
  const entries = Object.entries(value).map(async ([name, item]) => [name, await withHashes(item)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
