export interface StoredIssue {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  body: string;
  state: "open" | "closed";
  readonly user: { readonly login: string };
  /** On GitHub and Gitea: a pull request, which they count among the issues. */
  readonly pull_request?: object | null;
}

export interface StoredPullRequest {
  readonly id: number;
  readonly number: number;
  readonly head: { readonly ref: string; readonly sha: string };
  readonly owner: string;
  /** The commit as which it was merged. */
  readonly mergedAs?: string;
}

export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How often it is given; undefined for always. */
  times?: number;
}

export const PREFIX = {
  github: "/repos/site/cluster",
  gitea: "/api/v1/repos/site/cluster",
  gitlab: "/api/v4/projects/site%2Fcluster",
};

/** Whom each forge's workflow token writes as. */
export const BOT = { github: "github-actions[bot]", gitea: "gitea-actions", gitlab: "project_1_bot_a1b2" } as const;
