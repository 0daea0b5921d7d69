import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { SFTPWrapper } from "ssh2";
import { type Connection } from "../../ssh/connect";
import { isAsset, type FileAsset } from "./asset";
import type { Executor, Work } from "./executor";
import type { Values } from "./propertyValues";
import { connected } from "./remoteCommand";

interface CopyInputs {
  readonly connection: Connection;
  readonly source: FileAsset;
  readonly remotePath: string;
}

/**
 * `command:remote:CopyToRemote`: a file of this machine, over SFTP (pulumi-command 1.2.1, `copyController.go`). An update copies
 * only where the content or the remote path is another one; a changed trigger replaces; a deletion touches nothing. The file is
 * written in its place, as the provider does it: whoever reads it has to check it.
 */
export const copyToRemote: Executor = {
  replaces: (change) => change.path[0] === "triggers",
  create: async (work) => {
    await copy(work);
    return { id: randomBytes(4).toString("hex"), outputs: work.inputs };
  },
  update: async (work) => {
    const [old, young] = [work.old?.outputs as Partial<CopyInputs> | undefined, inputsOf(work.inputs)];
    if (old?.source?.hash !== young.source.hash || old.remotePath !== young.remotePath) await copy(work);
    return work.inputs;
  },
  delete: () => Promise.resolve(),
};

function inputsOf(inputs: Values): CopyInputs {
  if (!isAsset(inputs["source"])) throw new Error("the lab engine copies single files only");
  return inputs as unknown as CopyInputs;
}

async function copy(work: Work): Promise<void> {
  const { connection, source, remotePath } = inputsOf(work.inputs);
  const { size } = await stat(source.path);
  await connected(connection, work.print, async (client) => {
    const sftp = await promisify<SFTPWrapper>((done) => client.sftp(done as never))();
    try {
      await promisify((done: (error?: Error | null) => void) => sftp.fastPut(source.path, remotePath, done))();
    } catch (error) {
      throw new Error(
        `failed to copy file ${source.path} (${size} bytes) to remote path ${remotePath}: ${(error as Error).message}`,
      );
    }
  });
}
