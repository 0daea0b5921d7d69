import { z } from "zod";
import { port } from "./scalars";

/** `groundwork:cluster.k3d` */
export const k3dSchema = z.strictObject({
  servers: z.number().int().min(1).default(1).describe("How many server containers."),
  agents: z.number().int().min(0).default(0).describe("How many agent containers."),
  apiPort: port.optional().describe("Port of the API on this machine (127.0.0.1). Default: k3d takes a free one."),
  ports: z
    .array(
      z
        .string()
        .regex(
          /^(\d{1,3}(\.\d{1,3}){3}:)?\d{1,5}(-\d{1,5})?(:\d{1,5}(-\d{1,5})?)?(\/(tcp|udp))?@[a-z]+(:[\d*,-]+)?$/,
          "is not a published port; write one like 8080:80@loadbalancer",
        ),
    )
    .default([])
    .describe("Ports that are published on this machine, [IP:]PORT:PORT@NODES, e.g. 8080:80@loadbalancer."),
  image: z
    .string()
    .min(1)
    .optional()
    .describe("Image of the containers. Default: rancher/k3s with the tag of k3s.version."),
});
