import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { Secret } from "../../config/secret";
import { BOT, PREFIX, type Refusal, type StoredIssue, type StoredPullRequest } from "./fakeStore";
import { answerOnMerged, answerToIssues } from "./fakeIssues";
import type { Forge } from "../../pullRequest/forge";

export interface StoredComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string };
  /** On GitLab: one that it made itself. */
  readonly system?: boolean;
}

/**
 * A forge's API on 127.0.0.1, with the pages that the real one has: as much of it as comments and issues need. Gitea's is as a real Gitea 1.26
 * answered; GitHub's and GitLab's are made from their published API descriptions, and were never tried on the real ones.
 */
export interface FakeForge {
  readonly forge: Forge;
  readonly comments: StoredComment[];
  readonly pullRequests: StoredPullRequest[];
  readonly issues: StoredIssue[];
  /** What was asked, as `METHOD /path?query`, with the token that came along. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  /** Answers every request with this instead. */
  refusal: Refusal | undefined;
  close: () => Promise<void>;
}

/**
 * @param largestPage entries that the server gives a page, whatever it is asked for; undefined for one that knows no
 *   pages and always gives all.
 */
export async function startFakeForge(kind: Forge["kind"], largestPage: number | undefined): Promise<FakeForge> {
  const prefix = PREFIX[kind].replace(/\/(repos|projects)\/.*/, "");
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      fake.requests.push({
        line: `${request.method} ${url.pathname}${url.search}`,
        authorization: request.headers.authorization ?? headerOf(request.headers["private-token"]),
      });
      const sent =
        chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, string>);
      const { status, body, headers }: Refusal =
        refused() ??
        answerToIssues(fake.issues, kind, { method: request.method ?? "", url, sent, page }) ??
        answerOnMerged(fake.pullRequests, kind, url) ??
        answer(request.method ?? "", url, sent["body"] ?? "");
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(body);
    });
  });

  const refused = (): Refusal | undefined => {
    const { refusal } = fake;
    if (refusal?.times !== undefined && --refusal.times < 0) return undefined;
    return refusal;
  };

  const page = (entries: readonly unknown[], url: URL): unknown[] => {
    if (largestPage === undefined) return [...entries];
    const asked = Number(
      url.searchParams.get(kind === "gitea" ? "limit" : "per_page") ?? (kind === "gitlab" ? 20 : 30),
    );
    const size = Math.min(asked, largestPage);
    const start = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
    return entries.slice(start, start + size);
  };

  const json = (status: number, value: unknown): Refusal => ({ status, body: JSON.stringify(value) });

  const answer = (method: string, url: URL, body: string): Refusal => {
    if (!url.pathname.startsWith(PREFIX[kind])) {
      if (kind === "gitlab" && url.pathname === `${prefix}/user`) return json(200, { id: 4, username: BOT.gitlab });
      return json(404, { message: kind === "gitlab" ? "404 Project Not Found" : "Not Found" });
    }
    const path = url.pathname.slice(PREFIX[kind].length);
    if (method === "GET" && path === "") return json(200, { id: 1 });
    if (kind === "gitlab") return answerOfGitLab(method, path, url, body);
    // A real Gitea 1.26 answers so where there is no such pull request.
    if (kind === "gitea" && /^\/issues\/\d+\/comments$/.test(path) && !path.includes("/7/")) {
      return json(500, { message: "" });
    }
    if (method === "GET" && path === "/pulls/7") return json(200, { id: 107, number: 7 });
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

  /** docs.gitlab.com/api/notes and /api/merge_requests; without `sort`, the newest is first. */
  const answerOfGitLab = (method: string, path: string, url: URL, body: string): Refusal => {
    const note = ({ id, body: text, user, system }: StoredComment): object => ({
      id,
      body: text,
      system: system ?? false,
      author: { id: 4, username: user.login, state: "active" },
      noteable_type: "MergeRequest",
      noteable_iid: 7,
    });
    if (method === "GET" && path === "/merge_requests") {
      const branch = url.searchParams.get("source_branch");
      const open = fake.pullRequests.filter(({ head }) => branch === null || head.ref === branch);
      return json(
        200,
        page(
          open.map(({ id, number, head }) => ({ id, iid: number, sha: head.sha, source_branch: head.ref })),
          url,
        ),
      );
    }
    if (method === "GET" && path === "/merge_requests/7") return json(200, { id: 107, iid: 7 });
    if (method === "GET" && path === "/merge_requests/7/notes") {
      const sorted = url.searchParams.get("sort") === "asc" ? fake.comments : [...fake.comments].reverse();
      return json(200, page(sorted.map(note), url));
    }
    if (method === "POST" && path === "/merge_requests/7/notes") {
      const comment = { id: 9000 + fake.comments.length, body, user: { login: BOT.gitlab } };
      fake.comments.push(comment);
      return json(201, note(comment));
    }
    const id = /^\/merge_requests\/7\/notes\/(\d+)$/.exec(path)?.[1];
    const comment = fake.comments.find((one) => String(one.id) === id);
    if (method !== "PUT" || comment === undefined) return json(404, { message: "404 Not found" });
    comment.body = body;
    return json(200, note(comment));
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
    issues: [],
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

function headerOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
