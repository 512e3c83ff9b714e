import { readFileSync } from "node:fs";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { call, type Forge, needed } from "./forge";

const NAME = "GitHub";

/** What the API calls an issue or a comment. */
interface Post {
  /** Of a comment. */
  readonly id: number;
  /** Of an issue. */
  readonly number?: number;
  readonly body?: string | null;
  readonly user?: { readonly login?: string; readonly type?: string } | null;
  /** Issues and pull requests come in one list. */
  readonly pull_request?: unknown;
}

/** The pull request's number in the event that started the workflow. */
function numberOf(env: NodeJS.ProcessEnv): number {
  const event = JSON.parse(readFileSync(needed(env, "GITHUB_EVENT_PATH", NAME), "utf8")) as {
    pull_request?: { number?: number };
  };
  const number = event.pull_request?.number;
  if (number !== undefined) return number;
  throw new SetupError("NO_PIPELINE", "The event is of no pull request.", "Its file has no pull_request.number.", [
    "run this in a workflow of `on: pull_request`",
  ]);
}

/** GitHub's REST API, by the variables of a workflow. `GITHUB_TOKEN` needs `pull-requests: write`, or `issues: write`. */
export function github(env: NodeJS.ProcessEnv): Forge {
  const api = `${env.GITHUB_API_URL ?? "https://api.github.com"}/repos/${needed(env, "GITHUB_REPOSITORY", NAME)}`;
  const headers = {
    authorization: `Bearer ${needed(env, "GITHUB_TOKEN", NAME)}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  };
  const send = <R>(method: "POST" | "PATCH", path: string, body: unknown): Promise<R> =>
    call<R>(NAME, { method, url: `${api}${path}`, headers, body });

  /** The first post of a bot that begins with the marker: somebody's own comment with our marker is not ours to edit. */
  async function find(path: string, marker: string): Promise<Post | undefined> {
    for (let page = 1; ; page += 1) {
      const url = `${api}${path}${path.includes("?") ? "&" : "?"}per_page=100&page=${page}`;
      const posts = await call<readonly Post[]>(NAME, { method: "GET", url, headers });
      const found = posts.find(
        ({ body, user, pull_request }) =>
          body?.startsWith(marker) === true && user?.type === "Bot" && pull_request === undefined,
      );
      if (found !== undefined || posts.length < 100) return found;
    }
  }
  const openIssue = (marker: string): Promise<Post | undefined> => find("/issues?state=open", marker);

  return {
    name: NAME,
    async comment(marker, text) {
      const path = `/issues/${numberOf(env)}/comments`;
      const found = await find(path, marker);
      if (found === undefined) await send("POST", path, { body: text });
      else await send("PATCH", `/issues/comments/${found.id}`, { body: text });
      return found === undefined ? "created" : "edited";
    },
    async issue(marker, title, text) {
      const found = await openIssue(marker);
      if (found === undefined) await send("POST", "/issues", { title, body: text });
      else await send("PATCH", `/issues/${found.number}`, { title, body: text });
      return found === undefined ? "created" : "edited";
    },
    async closeIssue(marker, text) {
      const found = await openIssue(marker);
      if (found === undefined) return "none";
      await send("PATCH", `/issues/${found.number}`, { body: text, state: "closed", state_reason: "completed" });
      return "closed";
    },
  };
}
