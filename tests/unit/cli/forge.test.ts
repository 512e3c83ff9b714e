import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SetupError } from "../../../bootstrap/setupError.cjs";
import { forgeOf } from "../../../cli/commands/previewComment";
import { azureDevOps } from "../../../cli/forge/azureDevOps";
import { github } from "../../../cli/forge/github";
import { gitlab } from "../../../cli/forge/gitlab";
import { type ForgeHandler, type ForgeServer, PretendGitHub, startForge } from "../../cast/forgeServer";

const MARKER = "<!-- azure-iot-zero-touch preview of dev -->";
const TEXT = `${MARKER}\n\nnew`;

const fails = (work: () => Promise<unknown> | unknown, code: string, message: RegExp): Promise<void> =>
  assert.rejects(
    async () => work(),
    (error: unknown) => {
      assert.ok(error instanceof SetupError, String(error));
      assert.equal(error.code, code);
      assert.match(`${error.message} ${error.why}`, message);
      assert.doesNotMatch(`${error.message} ${error.why} ${error.remedies.join()}`, /the-token/);
      return true;
    },
  );

describe("cli/forge", () => {
  const folder = mkdtempSync(join(tmpdir(), "forge-"));
  const event = join(folder, "event.json");
  let server: ForgeServer | undefined;
  const servers: ForgeServer[] = [];
  const serve = async (handle: ForgeHandler): Promise<ForgeServer> => {
    server = await startForge(handle);
    servers.push(server);
    return server;
  };

  before(() => writeFileSync(event, '{"pull_request":{"number":7}}'));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((each) => each.close()));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  describe("GitHub", () => {
    const envOf = ({ url }: ForgeServer): NodeJS.ProcessEnv => ({
      GITHUB_API_URL: url,
      GITHUB_REPOSITORY: "contoso/line",
      GITHUB_TOKEN: "the-token",
      GITHUB_EVENT_PATH: event,
    });

    it("creates the comment, and edits it the next time", async () => {
      const hub = new PretendGitHub();
      const forge = github(envOf(await serve(hub.handle)));
      assert.equal(await forge.comment(MARKER, `${MARKER}\n\nold`), "created");
      assert.equal(await forge.comment(MARKER, TEXT), "edited");
      assert.deepEqual(
        hub.comments.map(({ body }) => body),
        [TEXT],
      );
      const [first] = server?.requests ?? [];
      assert.equal(first?.path, "/repos/contoso/line/issues/7/comments?per_page=100&page=1");
      assert.equal(first?.headers.authorization, "Bearer the-token");
    });

    it("finds it after a hundred others, and ignores a person's and another stack's", async () => {
      const hub = new PretendGitHub();
      for (let index = 0; index < 100; index += 1) hub.add(hub.comments, `thought ${index}`, undefined, "User");
      hub.add(hub.comments, `${MARKER} quoted by someone`, undefined, "User");
      hub.add(hub.comments, "<!-- azure-iot-zero-touch preview of prod -->");
      const own = hub.add(hub.comments, MARKER);
      assert.equal(await github(envOf(await serve(hub.handle))).comment(MARKER, TEXT), "edited");
      assert.equal(own.body, TEXT);
      assert.equal(hub.comments.filter(({ body }) => body === TEXT).length, 1);
    });

    it("opens an issue, edits it while it is open, closes it, and opens another one later", async () => {
      const hub = new PretendGitHub();
      const forge = github(envOf(await serve(hub.handle)));
      assert.equal(await forge.closeIssue?.(MARKER, TEXT), "none");
      assert.equal(await forge.issue?.(MARKER, "Drift", `${MARKER}\n\nold`), "created");
      assert.equal(await forge.issue?.(MARKER, "Drift", TEXT), "edited");
      assert.deepEqual(
        hub.issues.map(({ title, body, state }) => [title, body, state]),
        [["Drift", TEXT, "open"]],
      );
      assert.equal(await forge.closeIssue?.(MARKER, TEXT), "closed");
      assert.equal(hub.issues[0]?.state, "closed");
      assert.equal(await forge.issue?.(MARKER, "Drift", TEXT), "created");
    });

    it("reports what was refused, and never the token", async () => {
      const env = envOf(
        await serve(() => ({ status: 403, body: { message: "Resource not accessible by integration" } })),
      );
      await fails(() => github(env).comment(MARKER, TEXT), "FORGE_REFUSED", /403 .*not accessible by integration/);
      await servers.pop()?.close();
      await fails(() => github(env).comment(MARKER, TEXT), "FORGE_UNREACHABLE", /GitHub does not respond/);
    });

    it("sends no token in clear text to another machine", async () => {
      const env = envOf(await serve(() => ({})));
      const far = { ...env, GITHUB_API_URL: "http://github.example" };
      await fails(() => github(far).comment(MARKER, TEXT), "FORGE_UNREACHABLE", /allowInsecureConnection/);
    });

    it("retries reads, and posts once", async () => {
      let failing = 1;
      const hub = new PretendGitHub();
      const env = envOf(await serve((call) => (failing-- > 0 ? { status: 502, body: {} } : hub.handle(call))));
      assert.equal(await github(env).comment(MARKER, TEXT), "created");
      failing = 0;
      const refusing = envOf(
        await serve(({ method }) => (method === "GET" ? { body: [] } : { status: 502, body: {} })),
      );
      await fails(() => github(refusing).comment(MARKER, TEXT), "FORGE_REFUSED", /502/);
      assert.deepEqual(
        server?.requests.map(({ method }) => method),
        ["GET", "POST"],
      );
    });

    it("needs a pull request's event", async () => {
      const env = envOf(await serve(() => undefined));
      const push = join(folder, "push.json");
      writeFileSync(push, '{"ref":"refs/heads/main"}');
      await fails(
        () => github({ ...env, GITHUB_EVENT_PATH: push }).comment(MARKER, TEXT),
        "NO_PIPELINE",
        /no pull request/,
      );
      await fails(() => github({ ...env, GITHUB_TOKEN: "" }), "NO_PIPELINE", /GITHUB_TOKEN is not set/);
    });
  });

  it("edits its own user's note in GitLab, on any page", async () => {
    const others = Array.from({ length: 100 }, (_, id) => ({ id, body: MARKER, author: { id: 2 } }));
    const { url } = await serve(({ method, path }) => {
      if (path === "/user") return { body: { id: 1 } };
      if (method === "GET")
        return { body: path.endsWith("page=1") ? others : [{ id: 500, body: MARKER, author: { id: 1 } }] };
      return method === "PUT" && path.endsWith("/notes/500") ? {} : undefined;
    });
    const env = { CI_API_V4_URL: url, GITLAB_TOKEN: "the-token", CI_PROJECT_ID: "11", CI_MERGE_REQUEST_IID: "7" };
    assert.equal(await gitlab(env).comment(MARKER, TEXT), "edited");
    const last = server?.requests.at(-1);
    assert.deepEqual([last?.path, last?.body], ["/projects/11/merge_requests/7/notes/500", { body: TEXT }]);
    assert.equal(last?.headers["private-token"], "the-token");
    assert.equal(gitlab(env).issue, undefined);
  });

  it("creates a note in GitLab if there is none", async () => {
    const { url } = await serve(({ method, path }) =>
      path === "/user" ? { body: { id: 1 } } : { body: method === "GET" ? [] : {} },
    );
    const env = { CI_API_V4_URL: url, GITLAB_TOKEN: "the-token", CI_PROJECT_ID: "a/b", CI_MERGE_REQUEST_IID: "7" };
    assert.equal(await gitlab(env).comment(MARKER, TEXT), "created");
    assert.equal(server?.requests.at(-1)?.path, "/projects/a%2Fb/merge_requests/7/notes");
    await fails(
      () => gitlab({ ...env, CI_MERGE_REQUEST_IID: undefined }).comment(MARKER, TEXT),
      "NO_PIPELINE",
      /CI_MERGE_REQUEST_IID/,
    );
  });

  it("creates a closed thread in Azure Repos, and edits its first comment the next time", async () => {
    const threads: object[] = [
      { id: 1, comments: [{ id: 1, content: "a thought" }] },
      { id: 2, isDeleted: true, comments: [{ id: 1, content: MARKER }] },
    ];
    const { url } = await serve(({ method, body }) => {
      if (method === "GET") return { body: { value: threads } };
      if (method === "POST") threads.push({ ...(body as object), id: 3, comments: [{ id: 1, content: TEXT }] });
      return {};
    });
    const env = {
      ...{ SYSTEM_ACCESSTOKEN: "the-token", SYSTEM_COLLECTIONURI: `${url}/contoso/`, SYSTEM_TEAMPROJECT: "Our Line" },
      ...{ BUILD_REPOSITORY_ID: "r-1", SYSTEM_PULLREQUEST_PULLREQUESTID: "7" },
    };
    const forge = azureDevOps(env);
    assert.equal(await forge.comment(MARKER, TEXT), "created");
    const path = "/contoso/Our%20Line/_apis/git/repositories/r-1/pullRequests/7/threads";
    const made = server?.requests.at(-1);
    assert.equal(made?.path, `${path}?api-version=7.1`);
    assert.equal((made?.body as { status: string } | undefined)?.status, "closed");
    assert.equal(await forge.comment(MARKER, TEXT), "edited");
    const edited = server?.requests.at(-1);
    assert.deepEqual(
      [edited?.method, edited?.path, edited?.body],
      ["PATCH", `${path}/3/comments/1?api-version=7.1`, { content: TEXT }],
    );
  });

  it("knows the pipeline by its variables", async () => {
    assert.equal(forgeOf({ TF_BUILD: "True", SYSTEM_ACCESSTOKEN: "t" }).name, "Azure DevOps");
    assert.equal(forgeOf({ GITLAB_CI: "true", CI_API_V4_URL: "u", GITLAB_TOKEN: "t" }).name, "GitLab");
    assert.equal(forgeOf({ GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "r", GITHUB_TOKEN: "t" }).name, "GitHub");
    await fails(() => forgeOf({}), "NO_PIPELINE", /None of GITHUB_ACTIONS, GITLAB_CI, TF_BUILD is set/);
  });
});
