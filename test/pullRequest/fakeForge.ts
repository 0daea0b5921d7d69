import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { Secret } from "../../config/secret";
import type { Forge } from "../../pullRequest/forge";

export interface StoredComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string };
}

export interface StoredPullRequest {
  readonly id: number;
  readonly number: number;
  readonly head: { readonly ref: string; readonly sha: string };
  readonly owner: string;
}

/** A forge's API on 127.0.0.1, with the pages that the real one has: as much of it as comments need. */
export interface FakeForge {
  readonly forge: Forge;
  readonly comments: StoredComment[];
  readonly pullRequests: StoredPullRequest[];
  /** What was asked, as `METHOD /path?query`, with the token that came along. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  /** Answers every request with this instead. */
  refusal: { status: number; body: string; location?: string } | undefined;
  close: () => Promise<void>;
}

/**
 * @param largestPage entries that the server gives a page, whatever it is asked for; undefined for one that knows no
 *   pages and always gives all.
 */
export async function startFakeForge(kind: Forge["kind"], largestPage: number | undefined): Promise<FakeForge> {
  const prefix = kind === "github" ? "" : "/api/v1";
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      fake.requests.push({
        line: `${request.method} ${url.pathname}${url.search}`,
        authorization: request.headers.authorization,
      });
      const sent =
        chunks.length === 0 ? undefined : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as { body: string });
      const { status, body, location } = fake.refusal ?? answer(request.method ?? "", url, sent?.body ?? "");
      response.writeHead(status, {
        "content-type": "application/json",
        ...(location === undefined ? {} : { location }),
      });
      response.end(body);
    });
  });

  const page = (entries: readonly unknown[], url: URL): unknown[] => {
    if (largestPage === undefined) return [...entries];
    const asked = Number(url.searchParams.get(kind === "github" ? "per_page" : "limit") ?? 30);
    const size = Math.min(asked, largestPage);
    const start = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
    return entries.slice(start, start + size);
  };

  const answer = (method: string, url: URL, body: string): { status: number; body: string; location?: string } => {
    const path = url.pathname.replace(`${prefix}/repos/site/cluster`, "");
    const json = (status: number, value: unknown): { status: number; body: string } => ({
      status,
      body: JSON.stringify(value),
    });
    if (method === "GET" && path === "/issues/7/comments") return json(200, page(fake.comments, url));
    if (method === "POST" && path === "/issues/7/comments") {
      const comment = { id: 9000 + fake.comments.length, body, user: { login: BOT[kind] } };
      fake.comments.push(comment);
      return json(201, comment);
    }
    if (method === "GET" && path === "/pulls") {
      const head = url.searchParams.get("head");
      const open = fake.pullRequests.filter(
        (one) => kind === "gitea" || head === null || head === `${one.owner}:${one.head.ref}`,
      );
      return json(200, page(open, url));
    }
    const id = /^\/issues\/comments\/(\d+)$/.exec(path)?.[1];
    const comment = fake.comments.find((one) => String(one.id) === id);
    if (method === "PATCH" && comment !== undefined) {
      comment.body = body;
      return json(200, comment);
    }
    return json(404, { message: "Not Found" });
  };

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeForge = {
    forge: {
      kind,
      api: `http://127.0.0.1:${port}${prefix}`,
      repository: "site/cluster",
      token: Secret.of("t0ken-value"),
    },
    comments: [],
    pullRequests: [],
    requests: [],
    refusal: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

/** Whom each forge's workflow token writes as. */
export const BOT = { github: "github-actions[bot]", gitea: "gitea-actions" } as const;
