import { z } from "zod";

/** Architectures that k3s is released for, as Kubernetes calls them. */
export const architecture = z.enum(["amd64", "arm64", "arm"]);

/** A file on the machine that runs `up`. */
const localFile = z
  .string()
  .regex(
    /^[^~\s][^\0\r\n]*$/,
    "is not the path of a file here; write it from the project's directory on (airgap/k3s), or from the root on; ~ is not understood",
  );

/** `groundwork:k3s.upload` */
export const uploadSchema = z.strictObject({
  binary: z
    .partialRecord(architecture, localFile)
    .default({})
    .describe("The k3s binary of k3s.version by architecture; it takes the place of k3s.mirror for all nodes."),
  images: z
    .partialRecord(architecture, z.array(localFile))
    .default({})
    .describe(
      "Archives of images by architecture, such as k3s-airgap-images-amd64.tar.zst: they lie in k3s's agent/images before it starts. A change restarts k3s.",
    ),
});
