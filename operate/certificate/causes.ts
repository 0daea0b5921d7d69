/** A known cause of a certificate that does not come, told by what cert-manager or the authority says. */
interface Cause {
  /** For people who look it up, and for programs. */
  readonly cause: string;
  readonly said: RegExp;
  /** What to do; `ISSUER` stands for the issuer's name. */
  readonly remedy: string;
}

/** What is known of a message: which cause, and what to do. */
export interface Known {
  readonly cause: string;
  readonly remedy: string;
}

/**
 * Words of cert-manager 1.21 (pkg/issuer/acme, pkg/controller) and of ACME's errors (RFC 8555, 6.7). The first that fits counts:
 * what is told more exactly stands before what is told in general.
 */
const CAUSES: readonly Cause[] = [
  // The name server's answer to an update (RFC 2136, RFC 8945).
  {
    cause: "tsig-key",
    said: /BADKEY|bad key\b|no secrets defined/i,
    remedy:
      "the name server does not know the TSIG key by this name and algorithm: compare tsigKeyName and tsigAlgorithm of ISSUER with its configuration",
  },
  {
    cause: "tsig-time",
    said: /BADTIME|dns: bad time/i,
    remedy:
      "the clocks of the node and the name server differ by more than five minutes: set both by NTP; 'groundwork doctor' shows the nodes' clocks",
  },
  {
    cause: "tsig-encoding",
    said: /error decoding the provided TSIG secret|illegal base64/,
    remedy: "the TSIG secret is no base64 text: set it as the name server shows it, without another base64 around it",
  },
  {
    cause: "tsig-signature",
    said: /BADSIG|bad signature|bad authentication/i,
    remedy:
      "the name server refuses the TSIG key: its secret, its name or its algorithm is another one than in ISSUER; the secret is set as the name server shows it, without another base64 around it",
  },
  {
    cause: "update-notauth",
    said: /Server replied: (NOTAUTH|NOTZONE)/,
    remedy:
      "the name server is not the primary of this zone, or refuses the key: set nameserver of ISSUER to the zone's primary",
  },
  {
    cause: "update-refused",
    said: /Server replied: (REFUSED|SERVFAIL)/,
    remedy:
      "the name server knows the key and does not let it change this name: let its update-policy (BIND) or acl (Knot) grant TXT at _acme-challenge of this name to the key",
  },
  {
    cause: "nameserver-silent",
    said: /DNS update failed: .*(i\/o timeout|connection refused|no route to host)/,
    remedy:
      "the name server does not answer from the cluster: check its address and port, and that its firewall lets the nodes in by UDP and TCP",
  },
  // What is missing in the cluster.
  {
    cause: "issuer-missing",
    said: /Referenced "\S+" not found|error reading \(cluster\)issuer/,
    remedy:
      "there is no such issuer: compare the name and kind of the Certificate's issuerRef with 'kubectl get clusterissuers,issuers -A'; an Issuer counts in its own namespace only",
  },
  {
    cause: "issuer-not-ready",
    said: /Referenced issuer does not have a Ready status condition/,
    remedy: "mend the issuer first; what it says stands beside it",
  },
  {
    cause: "secret-missing",
    said: /secrets? "[^"]+" not found|failed to (load|get) secret|(no|does not have) key "[^"]+"|specified key "[^"]+" not found|No data for/i,
    remedy:
      "a Secret that the issuer names is not there, or lacks the key: those of a ClusterIssuer are looked for in cert-manager's namespace. 'pulumi up --refresh' brings back those of the stack",
  },
  {
    cause: "webhook",
    said: /failed calling webhook|no endpoints available for service|server could not find the requested resource|could not find the requested resource/,
    remedy:
      "a webhook does not answer: kubectl -n cert-manager get pods,endpoints; 'groundwork doctor' looks at the pods",
  },
  {
    cause: "no-solver",
    said: /no configured challenge solvers can be used|Failed to determine a valid solver/,
    remedy: "no solver of issuer ISSUER is for this name: add its zone to the issuer's zones, or use another issuer",
  },
  {
    cause: "not-approved",
    said: /has not been approved|Not signing CertificateRequest until it is Approved/,
    remedy: "nobody has approved the request: cert-manager's approver is off, or an approver-policy has no rule for it",
  },
  {
    cause: "denied",
    said: /was denied|has been denied|reason "?Denied/i,
    remedy: "an approver has denied the request: its policy, or the names in the Certificate, must change",
  },
  {
    cause: "shared-secret",
    said: /two conflicting Certificates|Secret was issued for/,
    remedy: "two Certificates write the same Secret: give each a secretName of its own",
  },
  {
    cause: "wrong-ca",
    said: /signing certificate is not a CA|certificate is not a CA/,
    remedy:
      "the issuer's certificate is none that may sign others: bring one with CA:TRUE (openssl x509 -ext basicConstraints)",
  },
  // What the authority says of the account.
  {
    cause: "email",
    said: /invalidContact|invalidEmail|contact email|unsupportedContact|unable to parse email|forbidden domain/i,
    remedy: "the authority refuses the address: set certificates.email, or the issuer's email, to one that takes mail",
  },
  {
    cause: "external-account",
    said: /externalAccountRequired|External Account Binding/i,
    remedy: "the authority wants an account of its own: set the issuer's external account binding, key id and key",
  },
  {
    cause: "rate-limit",
    said: /rateLimited|too many (certificates|failed|new|requests|currently)|\b429\b/i,
    remedy:
      "the authority's limit is reached: wait until the time that it names, and try with server: staging meanwhile (letsencrypt.org/docs/rate-limits)",
  },
  {
    cause: "account",
    said: /accountDoesNotExist|account is not valid|Failed to (register|verify|update) ACME account(?!.*(x509|dial tcp|lookup|timeout))|not been registered|Account private key is invalid/i,
    remedy:
      "the issuer has no account at the authority: its own state says why. When all is right, delete the Secret of its account key, and cert-manager registers anew",
  },
  {
    cause: "caa",
    said: /error:caa|CAA record|CAA rechecking|looking up CAA/i,
    remedy:
      'a CAA record of the domain, or of one above it, names another authority: add one for this authority (Let\'s Encrypt: 0 issue "letsencrypt.org")',
  },
  {
    cause: "name-refused",
    said: /rejectedIdentifier|Domain name does not end with a valid public suffix|policy forbids|is not a valid domain/i,
    remedy: "the authority gives no certificate for this name: names of the site's own need a 'ca' issuer",
  },
  // Cluster to authority.
  {
    cause: "authority-unknown-ca",
    said: /x509: certificate signed by unknown authority/,
    remedy: "the authority's own certificate is not trusted in the cluster: give the issuer its caBundle",
  },
  // HTTP-01.
  {
    cause: "http01-path-type",
    said: /cannot be used with pathType Exact/,
    remedy:
      "ingress-nginx 1.12 and newer refuses cert-manager's path: set strict-validate-path-type: \"false\" in the controller's config",
  },
  {
    cause: "http01-not-found",
    said: /wrong status code '404'|Invalid response from http|did not get expected response/,
    remedy:
      "another server answers for this name: its DNS record must lead to the ingress controller, and the issuer's ingress class must be the controller's",
  },
  {
    cause: "http01-unreachable",
    said: /failed to perform self check GET request|wrong status code '\d+'|error:connection|Timeout during connect|Connection refused|likely firewall/i,
    remedy:
      "port 80 of this name is not reached: let its DNS record lead to the ingress, and port 80 through routers and firewalls, also from inside (hairpin NAT)",
  },
  // DNS-01.
  {
    cause: "authority-dns",
    said: /error:dns|DNS problem/,
    remedy:
      "the authority cannot resolve the name: look at it from outside (dig +trace), with all of its name servers and DNSSEC",
  },
  {
    cause: "wrong-zone",
    said: /Could not determine (the zone|authoritative nameservers)|Could not find the SOA record|rcode was expected to be|NXDOMAIN/,
    remedy:
      "the name's zone is not found in DNS: check how it is written and that it is delegated. Where the site's resolver answers otherwise than the world's, set certificates.dns01Nameservers",
  },
  {
    cause: "incorrect-record",
    said: /Incorrect TXT record|error:unauthorized|incorrectResponse/,
    remedy:
      "the authority saw another answer than the cluster wrote: an old _acme-challenge record, or a secondary that was not updated; compare all name servers of the zone",
  },
  {
    cause: "propagation",
    said: /not yet propagated|Waiting for DNS-01 challenge propagation|returned SERVFAIL for/,
    remedy:
      "the record is written and not seen yet; cert-manager waits 60 s more after it is. When it takes longer, the resolver that it asks is not the zone's: set certificates.dns01Nameservers",
  },
  {
    cause: "http01-propagation",
    said: /Waiting for HTTP-01 challenge propagation/,
    remedy:
      "the solver's pod and Ingress are made and do not answer yet: kubectl get pods,ingress -A -l acme.cert-manager.io/http01-solver=true",
  },
  {
    cause: "authority-silent",
    said: /lookup \S+( on \S+)?: (no such host|server misbehaving|i\/o timeout)|dial tcp \S+: (i\/o timeout|connect: )|context deadline exceeded|TLS handshake timeout/,
    remedy: "the authority is not reached from the cluster: check CoreDNS, the way out, and a proxy in between",
  },
  {
    cause: "authority-error",
    said: /error:serverInternal|HTTP 5\d\d|\b50[023]\b/,
    remedy:
      "the authority has a failure of its own: cert-manager tries again; Let's Encrypt's state is on letsencrypt.status.io",
  },
];

/**
 * The likely cause behind what cert-manager or an authority says; undefined for words that are not known.
 *
 * @param issuer Name of the issuer, for the remedy.
 */
export function causeOf(message: string, issuer: string): Known | undefined {
  const found = CAUSES.find(({ said }) => said.test(message));
  return found === undefined ? undefined : { cause: found.cause, remedy: found.remedy.replaceAll("ISSUER", issuer) };
}
