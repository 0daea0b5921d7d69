/** Whose a finalizer is, and how that one comes to its end. */
interface Owner {
  readonly finalizer: RegExp;
  readonly owner: string;
  readonly remedy: string;
}

/** Finalizers of k3s, of what Groundwork installs, and of what is often beside it. */
const OWNERS: readonly Owner[] = [
  {
    finalizer: /^acme\.cert-manager\.io\//,
    owner: "cert-manager, which takes the challenge's record away",
    remedy:
      "let it: mend the issuer's credentials, and see that its pod runs; 'groundwork certificate why' tells its error",
  },
  {
    finalizer: /^longhorn\.io/,
    owner: "Longhorn's manager",
    remedy: "let it: kubectl -n longhorn-system get pods; where Longhorn is gone already, its data on the disks stay",
  },
  {
    finalizer: /^kubernetes\.io\/pvc-protection$/,
    owner: "Kubernetes, while a pod uses the claim",
    remedy: "delete the pod that uses it; a pod on a dead node counts as well",
  },
  {
    finalizer: /^kubernetes\.io\/pv-protection$/,
    owner: "Kubernetes, while a claim uses the volume",
    remedy: "delete the claim first",
  },
  {
    finalizer: /^(external-attacher|external-provisioner|snapshot\.storage)/,
    owner: "the volume's driver",
    remedy: "let it: see that the driver's pods run",
  },
  {
    finalizer: /^service\.kubernetes\.io\/load-balancer-cleanup$|^svccontroller\.k3s/,
    owner: "whoever gives services their addresses (k3s's ServiceLB, MetalLB)",
    remedy: "let it: k3s must run on a server, or MetalLB's controller",
  },
  {
    finalizer: /^batch\.kubernetes\.io\/job-tracking$/,
    owner: "Kubernetes' job controller, for a pod of a Job",
    remedy: "k3s must run on a server; it ends by itself",
  },
  {
    finalizer: /^(foregroundDeletion|orphan)$/,
    owner: "Kubernetes' garbage collector, until all that belongs to it is gone",
    remedy: "look at what has it as its owner; an API service that is silent stops the collector as well",
  },
  {
    finalizer: /^wrangler\.cattle\.io\/.*helm/,
    owner: "k3s's own Helm controller, which uninstalls the chart by a Job",
    remedy: "kubectl -n kube-system get jobs,pods: the Job helm-delete-… says why it does not end",
  },
  {
    finalizer: /cattle\.io/,
    owner: "Rancher",
    remedy: "remove the cluster in Rancher, or run its cleanup where Rancher is gone",
  },
  {
    finalizer: /argocd\.argoproj\.io/,
    owner: "Argo CD, which deletes what the application made",
    remedy: "let it: see that its controller runs",
  },
  { finalizer: /fluxcd\.io/, owner: "Flux", remedy: "let it: see that its controllers run, or 'flux uninstall'" },
];

/** Whose a finalizer is. Pure. */
export function ownerOf(finalizer: string): { readonly owner: string; readonly remedy: string } {
  const known = OWNERS.find((each) => each.finalizer.test(finalizer));
  if (known !== undefined) return known;
  const [domain = finalizer] = finalizer.split("/");
  return {
    owner: `the program behind ${domain}`,
    remedy: "let it: see that it runs, and what its log says of this object",
  };
}
