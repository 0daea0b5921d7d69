import * as pulumi from "@pulumi/pulumi";
import { readWebApp, webAppObjects, webAppUrls, type WebAppSettings } from "./objects/webApp";
import { gated, refuseProblems, settingsIn, Workload, type InCluster } from "./workload";

/** What a {@link WebApp} is to be. Outputs may stand wherever `Text` does. */
export interface WebAppArgs extends WebAppSettings, InCluster {}

/**
 * An application that answers requests and keeps nothing: a Deployment with its Service, and a way in from outside. On by
 * default: two replicas on different nodes, a PodDisruptionBudget, 30 seconds until pods of a dead node are replaced, a
 * pause before the end, and the Pod Security level `restricted` without a token of the API.
 *
 * @example
 * ```ts
 * new WebApp("shop", {
 *   cluster,
 *   namespace: "shop",
 *   image: "registry.example.org/shop:1.4.2",
 *   port: 8080,
 *   resources: { cpu: "100m", memory: "256Mi" },
 *   probes: { readiness: { path: "/healthz" } },
 *   ingress: { hosts: ["shop.example.org"], tls: { issuer: "letsencrypt" } },
 * });
 * ```
 */
export class WebApp extends Workload {
  /** Where its Ingress answers: `https://shop.example.org/`. */
  readonly urls: readonly string[];
  /** Where it answers within the cluster: `http://shop.shop.svc`. */
  readonly internalUrl: pulumi.Output<string>;

  /** @throws WorkloadError with everything that is wrong with the arguments, before anything is created */
  constructor(name: string, args: WebAppArgs, options: pulumi.ComponentResourceOptions = {}) {
    const facts = args.cluster?.facts ?? {};
    const { app, problems } = readWebApp(name, settingsIn(args), facts);
    const what = `WebApp '${name}'`;
    refuseProblems(what, problems);
    super("WebApp", name, app, args.cluster, options);
    this.create(webAppObjects(name, gated(what, app), facts, this.createSecretEnv(app)));
    this.urls = webAppUrls(app);
    const port = app.service.port === 80 ? "" : `:${app.service.port}`;
    this.internalUrl = pulumi.interpolate`http://${name}.${this.namespace}.svc${port}`;
    this.registerOutputs({ urls: this.urls, internalUrl: this.internalUrl });
  }
}
