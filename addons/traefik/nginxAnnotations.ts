/** The Traefik that counts: by the series of its chart 3.6 (39) or 3.7 (40 and newer). */
export type TraefikSeries = "3.6" | "3.7";

/** What Traefik's provider kubernetesIngressNGINX makes of an annotation of ingress-nginx. */
export type Carried =
  | { readonly is: "carried" }
  | { readonly is: "different"; readonly note: string }
  | { readonly is: "lost"; readonly instead: string };

const PREFIX = "nginx.ingress.kubernetes.io/";

/**
 * Read from Traefik's own table, docs/content/reference/routing-configuration/kubernetes/ingress-nginx.md of traefik/traefik, at
 * v3.6.24 and v3.7.8. `since` is the series that takes it first.
 */
const TAKEN: Readonly<Record<TraefikSeries, string>> = {
  "3.6": `auth-type auth-secret auth-secret-type auth-realm auth-url auth-response-headers ssl-redirect force-ssl-redirect
    ssl-passthrough proxy-ssl-server-name proxy-ssl-name proxy-ssl-verify proxy-ssl-secret affinity session-cookie-name
    session-cookie-secure session-cookie-path session-cookie-domain session-cookie-samesite session-cookie-max-age
    backend-protocol service-upstream enable-cors cors-allow-credentials cors-allow-headers cors-allow-methods
    cors-allow-origin cors-expose-headers cors-max-age use-regex`,
  "3.7": `auth-signin auth-snippet auth-method enable-global-auth auth-tls-secret auth-tls-verify-client
    auth-tls-pass-certificate-to-upstream auth-tls-verify-depth affinity-mode affinity-canary-behavior session-cookie-expires
    upstream-hash-by upstream-vhost custom-headers default-backend proxy-http-version canary canary-by-header
    canary-by-header-value canary-by-header-pattern canary-by-cookie canary-weight canary-weight-total x-forwarded-prefix
    app-root from-to-www-redirect rewrite-target permanent-redirect permanent-redirect-code temporal-redirect
    temporal-redirect-code custom-http-errors server-alias server-snippet configuration-snippet whitelist-source-range
    allowlist-source-range limit-rps limit-rpm limit-burst-multiplier limit-connections proxy-request-buffering
    proxy-body-size client-body-buffer-size proxy-buffering proxy-buffer-size proxy-buffers-number proxy-max-temp-file-size
    enable-access-log proxy-connect-timeout proxy-send-timeout proxy-read-timeout proxy-next-upstream
    proxy-next-upstream-tries proxy-next-upstream-timeout`,
};

const since = new Map<string, TraefikSeries>(
  (["3.6", "3.7"] as const).flatMap((series) =>
    TAKEN[series].split(/\s+/).map((name) => [name, series] as [string, TraefikSeries]),
  ),
);

const LIMITED = "over the limit a request gets 429, and not 503; short bursts are let through more gently";
const SNIPPET =
  "only add_header, proxy_set_header, more_set_headers, set, if and return are understood; read it line by line";
const REFUSED = "a client without a right certificate is refused in the TLS handshake, and not with a page";

/** Where Traefik does something else than ingress-nginx with it. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "auth-url": "the request itself is forwarded to the service that decides, and not a subrequest",
  "auth-snippet": SNIPPET,
  "server-snippet": SNIPPET,
  "configuration-snippet": SNIPPET,
  "auth-tls-secret": REFUSED,
  "auth-tls-verify-client": REFUSED,
  "auth-tls-verify-depth": "a chain of any length is taken",
  "ssl-redirect": "false has no effect where the redirect is on for all",
  "force-ssl-redirect": "false has no effect where the redirect is on for all",
  "enable-cors": "headers are answered to a preflight request and to an ordinary one each in their own way",
  "limit-rps": LIMITED,
  "limit-rpm": LIMITED,
  "limit-connections": "counted for each client's address; over it a request gets 429",
  "proxy-buffers-number": "times proxy-buffer-size it is the size of one buffer",
  "proxy-next-upstream": "a retry may go to the same pod again",
  "server-alias": "is left out where an Ingress has the name as a host",
  "enable-access-log": "counts only where access logs are on at all (ingress.values)",
};

/** Values that are not understood, though the annotation is. */
const VALUES: Readonly<Record<string, { readonly lost: RegExp; readonly instead: string }>> = {
  "backend-protocol": {
    lost: /^(FCGI|AUTO_HTTP)$/i,
    instead: "put an HTTP server before the FastCGI one; for AUTO_HTTP write HTTP or HTTPS",
  },
  "affinity-mode": { lost: /^balanced$/i, instead: "take it out: Traefik keeps a visitor with a pod (persistent)" },
  "affinity-canary-behavior": {
    lost: /^legacy$/i,
    instead: "take it out: Traefik keeps a visitor with the canary (sticky)",
  },
  "proxy-http-version": { lost: /^1\.0$/, instead: "take it out: Traefik speaks HTTP/1.1 and HTTP/2" },
};

const OTHER_LIMIT = "a Middleware with rateLimit or inFlightReq";
const NO_WAF = "a web application firewall before the cluster, or one of Traefik's plugins";
const TLS = "a TLSOption for all names of Traefik";
const TRACE = "Traefik's own tracing, in ingress.values";

/** What to write in place of one that no Traefik takes. */
const INSTEAD: Readonly<Record<string, string>> = {
  "load-balance": "take it out: Traefik goes round the pods in turn",
  "limit-rate": OTHER_LIMIT,
  "limit-rate-after": OTHER_LIMIT,
  "limit-whitelist": OTHER_LIMIT,
  "global-rate-limit": OTHER_LIMIT,
  "global-rate-limit-window": OTHER_LIMIT,
  "global-rate-limit-key": OTHER_LIMIT,
  "global-rate-limit-ignored-cidrs": OTHER_LIMIT,
  "denylist-source-range": "a NetworkPolicy, or allowlist-source-range with what is let in",
  "preserve-trailing-slash": "take it out: Traefik keeps it",
  "enable-modsecurity": NO_WAF,
  "enable-owasp-core-rules": NO_WAF,
  "modsecurity-snippet": NO_WAF,
  "modsecurity-transaction-id": NO_WAF,
  "mirror-target": "a TraefikService with mirroring",
  "mirror-host": "a TraefikService with mirroring",
  "mirror-request-body": "a TraefikService with mirroring",
  "ssl-ciphers": TLS,
  "ssl-prefer-server-ciphers": TLS,
  "auth-tls-match-cn": "check it in the application, from the certificate that is passed on",
  "enable-opentracing": TRACE,
  "opentracing-trust-incoming-span": TRACE,
  "enable-opentelemetry": TRACE,
  "opentelemetry-trust-incoming-span": TRACE,
  "stream-snippet": "an IngressRouteTCP",
};

/** Whether an annotation is one of ingress-nginx's. */
export function isNginxAnnotation(annotation: string): boolean {
  return annotation.startsWith(PREFIX);
}

/**
 * What becomes of an annotation of ingress-nginx with Traefik.
 *
 * @param annotation Its whole name: `nginx.ingress.kubernetes.io/rewrite-target`.
 */
export function carriedTo(series: TraefikSeries, annotation: string, value: string): Carried {
  const name = annotation.slice(PREFIX.length);
  const first = since.get(name);
  const values = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (first === undefined) {
    const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
    return {
      is: "lost",
      instead: instead ?? "Traefik has nothing of that name: look what it does, and leave it out or write a Middleware",
    };
  }
  if (first === "3.7" && series === "3.6") {
    return {
      is: "lost",
      instead: "a k3s with Traefik 3.7 takes it (docs/ingress.md has the versions); or write a Middleware",
    };
  }
  if (values?.lost.test(value) === true) return { is: "lost", instead: values.instead };
  // What the note is about is a false.
  if (/^(force-)?ssl-redirect$/.test(name) && value === "true") return { is: "carried" };
  const note = Object.hasOwn(DIFFERENT, name) ? DIFFERENT[name] : undefined;
  return note === undefined ? { is: "carried" } : { is: "different", note };
}
