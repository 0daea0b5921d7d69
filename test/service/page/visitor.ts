import type { Served } from "../served";

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it leads. */
  readonly location: string | null;
}

/** A browser without a screen: it keeps the cookie that it is given, and follows nothing. */
export class Visitor {
  cookie = "";
  readonly #served: Served;

  constructor(served: Served) {
    this.#served = served;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    return this.#ask(path, { headers });
  }

  post(
    path: string,
    form: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = { "sec-fetch-site": "same-origin" },
  ): Promise<Page> {
    return this.#ask(path, { method: "POST", body: new URLSearchParams(form), headers });
  }

  /** Signs in with a token that is made for it. Gives the token. */
  async signIn(...grants: readonly string[]): Promise<string> {
    const token = await this.#served.token(...grants);
    await this.post("/page/sign-in", { token });
    return token;
  }

  async #ask(
    path: string,
    init: Omit<RequestInit, "headers"> & { readonly headers: Readonly<Record<string, string>> },
  ): Promise<Page> {
    const response = await fetch(`${this.#served.address}${path}`, {
      ...init,
      redirect: "manual",
      headers: { ...init.headers, ...(this.cookie === "" ? {} : { cookie: this.cookie }) },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      if (!cookie.includes("Max-Age=0")) this.cookie = pair;
      else if (this.cookie.startsWith(pair)) this.cookie = "";
    }
    const { status, headers } = response;
    return { status, headers, text: await response.text(), location: headers.get("location") };
  }
}

/** Names of the buttons of a page, the one for signing out left out. */
export function buttonsOf({ text }: Page): string[] {
  return [...text.matchAll(/<button[^>]*>([^<]*)</g)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "Sign out");
}
