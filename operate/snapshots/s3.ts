import { kubectlOf } from "../kubectl";
import type { Site } from "../site";
import type { SnapshotList } from "./model";

/** k3s's own record of a snapshot (k3s-io/k3s pkg/apis/k3s.cattle.io/v1, ETCDSnapshotFile), as far as it is read here. */
interface SnapshotFile {
  readonly spec: { readonly snapshotName: string; readonly location: string };
  readonly status?: {
    readonly readyToUse?: boolean;
    readonly size?: string | number;
    readonly creationTime?: string;
  };
}

/** What k3s has uploaded, as it has written down in the cluster; nothing where the stack has no S3. */
export async function snapshotsInS3(site: Site): Promise<SnapshotList> {
  if (site.settings.k3s.snapshots.s3 === undefined) return { snapshots: [], silent: [] };
  try {
    const { items } = (await (await kubectlOf(site)).json(["get", "etcdsnapshotfiles.k3s.cattle.io"])) as {
      readonly items: readonly SnapshotFile[];
    };
    return { snapshots: items.filter(isUploaded).map(snapshotOf), silent: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { snapshots: [], silent: [{ node: "s3", reason }] };
  }
}

function isUploaded({ spec, status }: SnapshotFile): boolean {
  return spec.location.startsWith("s3://") && status?.readyToUse === true;
}

function snapshotOf({ spec, status }: SnapshotFile): SnapshotList["snapshots"][number] {
  return {
    name: spec.snapshotName,
    store: "s3",
    node: "s3",
    path: spec.location,
    bytes: Number(status?.size ?? 0),
    time: status?.creationTime ?? "",
    version: "",
  };
}
