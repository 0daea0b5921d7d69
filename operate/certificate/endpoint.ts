import { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP } from "node:net";
import { connect, rootCertificates, type ConnectionOptions, type DetailedPeerCertificate } from "node:tls";
import { GroundworkError } from "../../config/groundworkError";

/** What a TLS server shows of itself. */
export interface Endpoint {
  /** `host:port` as it was dialled. */
  readonly address: string;
  /** The name that was asked for (SNI), and that the certificate has to be for. */
  readonly serverName: string;
  /** `TLSv1.3` */
  readonly protocol: string;
  readonly cipher: string;
  /** What the server sent, its own certificate first, as far as each is signed by the next. */
  readonly sent: readonly X509Certificate[];
  /** Why it is not trusted, as OpenSSL names it: `SELF_SIGNED_CERT_IN_CHAIN`; undefined where it is. */
  readonly distrust: string | undefined;
  /** Bytes of the OCSP answer that was stapled; 0 where there was none. */
  readonly stapled: number;
}

export interface EndpointRequest {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  /** Authorities that count beside the public ones, PEM. */
  readonly authorities?: string;
  /** Default: 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Dials a TLS server twice and looks at what it shows, whether it is trusted or not. Nothing is sent after the handshake.
 *
 * @throws GroundworkError where nothing answers, or what answers speaks no TLS.
 */
export async function endpointOf(request: EndpointRequest): Promise<Endpoint> {
  const { authorities } = request;
  const trusted = authorities === undefined ? {} : { ca: [...rootCertificates, authorities] };
  const { sent: _, ...seen } = await look(request, trusted);
  // Node completes a chain from the authorities that it trusts. With none, it is what the server sent.
  const { sent } = await look(request, { ca: [] });
  return { ...seen, sent };
}

function look(request: EndpointRequest, trust: ConnectionOptions): Promise<Endpoint> {
  const { host, port, serverName, timeoutMs = 10_000 } = request;
  const address = `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
  return new Promise((resolve, reject) => {
    let stapled = 0;
    const tcp = connectTcp({ host, port });
    // Node documents `requestOCSP`; its types lack it.
    const options: ConnectionOptions & { readonly requestOCSP: boolean } = {
      socket: tcp,
      // An IP address is no server name (RFC 6066, 3).
      ...(isIP(serverName) > 0 ? {} : { servername: serverName }),
      rejectUnauthorized: false,
      requestOCSP: true,
      checkServerIdentity: () => undefined, // looked at apart: it would hide what is wrong with the chain
      // What is old and weak is to be seen, and not to end the handshake.
      minVersion: "TLSv1",
      ciphers: "DEFAULT@SECLEVEL=0",
      ...trust,
    };
    const socket = connect(options);
    const fail = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      socket.destroy();
      tcp.destroy();
      reject(unreached(address, error));
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${String(timeoutMs / 1000)} s`)), timeoutMs);
    socket.on("OCSPResponse", (response: Buffer | null) => (stapled = response?.length ?? 0));
    tcp.on("error", fail);
    socket.on("error", fail);
    // An error of the connection below says more, and comes after it.
    socket.on("close", () =>
      setImmediate(() => fail(new Error("it ended the connection before the handshake was over"))),
    );
    socket.on("secureConnect", () => {
      clearTimeout(timer);
      resolve({
        address,
        serverName,
        protocol: socket.getProtocol() ?? "unknown",
        cipher: socket.getCipher().standardName,
        sent: chainOf(socket.getPeerCertificate(true)),
        distrust: socket.authorized ? undefined : String(socket.authorizationError),
        stapled,
      });
      socket.end();
      tcp.destroySoon();
    });
  });
}

function chainOf(first: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  // An authority that signs itself is its own issuer. Without a certificate there is no `raw`.
  for (let each: Partial<DetailedPeerCertificate> | undefined = first; each?.raw !== undefined;) {
    chain.push(new X509Certificate(each.raw));
    each = each.issuerCertificate === each ? undefined : each.issuerCertificate;
  }
  return chain;
}

function unreached(address: string, error: NodeJS.ErrnoException): GroundworkError {
  const { code = "", message } = error;
  if (code === "ECONNREFUSED") {
    return new GroundworkError("failed", `${address}: nothing listens there`, {
      remedy: "check the port, and that the ingress has its address: groundwork status",
    });
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new GroundworkError("failed", `${address}: the name is not found in DNS`, {
      remedy: "to look at a server whose name does not lead to it yet: ADDRESS --server-name NAME",
    });
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG") {
    return new GroundworkError("failed", `${address}: what answers speaks no TLS`, { remedy: "check the port" });
  }
  if (/ALERT|HANDSHAKE|UNSUPPORTED_PROTOCOL/.test(code)) {
    const alert = /alert ([a-z ]+)(?=:|$)/.exec(message)?.[1] ?? message;
    return new GroundworkError("failed", `${address}: it ends the handshake: ${alert}`, {
      remedy: "it may have no certificate for this name, or want one of the client's: try --server-name",
    });
  }
  const reason = code === "ECONNRESET" ? "it resets the connection" : message === "" ? code : message;
  return new GroundworkError("failed", `${address}: ${reason}`);
}
