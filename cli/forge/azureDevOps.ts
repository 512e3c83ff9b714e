import { call, type Forge, needed } from "./forge";

const NAME = "Azure DevOps";
const VERSION = "api-version=7.1";

interface Thread {
  readonly id: number;
  readonly isDeleted?: boolean;
  readonly comments: readonly { readonly id: number; readonly content?: string }[];
}

/**
 * The pull-request threads of Azure Repos, by the variables of a build; `SYSTEM_ACCESSTOKEN` must be mapped into the step.
 * The thread is closed from the start, so that it blocks no merge where all threads must be resolved.
 */
export function azureDevOps(env: NodeJS.ProcessEnv): Forge {
  const headers = { authorization: `Bearer ${needed(env, "SYSTEM_ACCESSTOKEN", NAME)}` };
  return {
    name: NAME,
    async comment(marker, text) {
      const collection = needed(env, "SYSTEM_COLLECTIONURI", NAME).replace(/\/?$/, "/");
      const project = encodeURIComponent(needed(env, "SYSTEM_TEAMPROJECT", NAME));
      const repository = encodeURIComponent(needed(env, "BUILD_REPOSITORY_ID", NAME));
      const request = needed(env, "SYSTEM_PULLREQUEST_PULLREQUESTID", NAME);
      const threads = `${collection}${project}/_apis/git/repositories/${repository}/pullRequests/${request}/threads`;
      const { value } = await call<{ value: readonly Thread[] }>(NAME, {
        ...{ method: "GET", url: `${threads}?${VERSION}`, headers },
      });
      const thread = value.find(({ comments, isDeleted }) => !isDeleted && comments[0]?.content?.startsWith(marker));
      const first = thread?.comments[0];
      if (thread === undefined || first === undefined) {
        const body = { comments: [{ parentCommentId: 0, content: text, commentType: "text" }], status: "closed" };
        await call(NAME, { method: "POST", url: `${threads}?${VERSION}`, headers, body });
        return "created";
      }
      const url = `${threads}/${thread.id}/comments/${first.id}?${VERSION}`;
      await call(NAME, { method: "PATCH", url, headers, body: { content: text } });
      return "edited";
    },
  };
}
