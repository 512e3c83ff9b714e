import { call, type Forge, needed } from "./forge";

const NAME = "GitLab";
const PAGE = 100;

interface Note {
  readonly id: number;
  readonly body: string;
  readonly author?: { readonly id?: number };
}

/**
 * GitLab's notes API, by the variables of a merge-request pipeline. `GITLAB_TOKEN` is a project access token of scope `api`:
 * a job's own token may not write notes.
 */
export function gitlab(env: NodeJS.ProcessEnv): Forge {
  const api = needed(env, "CI_API_V4_URL", NAME);
  const headers = { "private-token": needed(env, "GITLAB_TOKEN", NAME) };
  return {
    name: NAME,
    async comment(marker, text) {
      const project = encodeURIComponent(needed(env, "CI_PROJECT_ID", NAME));
      const notes = `${api}/projects/${project}/merge_requests/${needed(env, "CI_MERGE_REQUEST_IID", NAME)}/notes`;
      // Only a note of the token's own user is ours to edit.
      const me = await call<{ id: number }>(NAME, { method: "GET", url: `${api}/user`, headers });
      let found: Note | undefined;
      for (let page = 1; found === undefined; page += 1) {
        const url = `${notes}?per_page=${PAGE}&page=${page}`;
        const all = await call<readonly Note[]>(NAME, { method: "GET", url, headers });
        found = all.find(({ body, author }) => body.startsWith(marker) && author?.id === me.id);
        if (all.length < PAGE) break;
      }
      if (found === undefined) await call(NAME, { method: "POST", url: notes, headers, body: { body: text } });
      else await call(NAME, { method: "PUT", url: `${notes}/${found.id}`, headers, body: { body: text } });
      return found === undefined ? "created" : "edited";
    },
  };
}
