import type { Forge } from "../../pullRequest/forge";
import { BOT, PREFIX, type Refusal, type StoredIssue, type StoredPullRequest } from "./fakeStore";

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly sent: Readonly<Record<string, string>>;
  readonly page: (entries: readonly unknown[], url: URL) => unknown[];
}

const json = (status: number, value: unknown): Refusal => ({ status, body: JSON.stringify(value) });

/**
 * What a forge answers on its issues: of GitHub as its published API has it (docs.github.com/rest/issues/issues), of Gitea as its swagger
 * has it, of GitLab as docs.gitlab.com/api/issues has it. None of it was tried on the real ones.
 */
export function answerToIssues(
  issues: StoredIssue[],
  kind: Forge["kind"],
  { method, url, sent, page }: Asked,
): Refusal | undefined {
  const path = url.pathname.startsWith(PREFIX[kind]) ? url.pathname.slice(PREFIX[kind].length) : "";
  const shown = (issue: StoredIssue): object => (kind === "gitlab" ? ofGitLab(issue) : { ...issue });
  if (method === "GET" && path === "/issues") {
    const open = url.searchParams.get("state") === (kind === "gitlab" ? "opened" : "open");
    const wanted = issues.filter(
      ({ state, pull_request: request }) =>
        (!open || state === "open") &&
        // GitLab has none among them, and Gitea leaves them out when it is asked to.
        ((request ?? undefined) === undefined || kind === "github" || url.searchParams.get("type") === "all"),
    );
    return json(200, page([...wanted].reverse().map(shown), url));
  }
  if (method === "POST" && path === "/issues") {
    const number = issues.length + 1;
    const body = sent[kind === "gitlab" ? "description" : "body"] ?? "";
    const issue: StoredIssue = {
      id: 700 + number,
      number,
      title: sent["title"] ?? "",
      body,
      state: "open",
      user: { login: BOT[kind] },
    };
    issues.push(issue);
    return json(201, shown(issue));
  }
  const number = /^\/issues\/(\d+)$/.exec(path)?.[1];
  const issue = issues.find((one) => String(one.number) === number);
  if (issue === undefined || method !== (kind === "gitlab" ? "PUT" : "PATCH")) return undefined;
  issue.body = sent[kind === "gitlab" ? "description" : "body"] ?? issue.body;
  if (sent["state"] === "closed" || sent["state_event"] === "close") issue.state = "closed";
  return json(kind === "gitea" ? 201 : 200, shown(issue));
}

function ofGitLab({ id, number, title, body, state, user }: StoredIssue): object {
  const author = { id: 4, username: user.login };
  return { id, iid: number, title, description: body, state: state === "open" ? "opened" : "closed", author };
}

/** What a forge answers to the question which pull request was merged as a commit. Never tried on the real ones, Gitea's neither. */
export function answerOnMerged(
  pullRequests: readonly StoredPullRequest[],
  kind: Forge["kind"],
  url: URL,
): Refusal | undefined {
  const asked = /\/commits\/([0-9a-f]+)\/(?:pull|pulls|merge_requests)$/.exec(url.pathname)?.[1];
  if (asked === undefined || !url.pathname.startsWith(PREFIX[kind])) return undefined;
  const isSecondPage = Number(url.searchParams.get("page") ?? 1) > 1;
  if (kind === "gitea") {
    const found = pullRequests.find(({ mergedAs }) => mergedAs === asked);
    return found === undefined
      ? json(404, { message: "Not Found" })
      : json(200, { id: found.id, number: found.number, merged: true });
  }
  // Those that have the commit, merged or not.
  const all = isSecondPage ? [] : pullRequests.filter(({ mergedAs, head }) => mergedAs === asked || head.sha === asked);
  return json(
    200,
    all.map(({ id, number, head, mergedAs }) =>
      kind === "gitlab"
        ? {
            id,
            iid: number,
            sha: head.sha,
            state: mergedAs === undefined ? "opened" : "merged",
            merge_commit_sha: mergedAs ?? null,
          }
        : {
            id,
            number,
            merged_at: mergedAs === undefined ? null : "2026-11-29T08:00:00Z",
            merge_commit_sha: mergedAs ?? "f".repeat(40),
          },
    ),
  );
}
