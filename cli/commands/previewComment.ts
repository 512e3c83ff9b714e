import { readFileSync } from "node:fs";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { azureDevOps } from "../forge/azureDevOps";
import type { Forge } from "../forge/forge";
import { github } from "../forge/github";
import { gitlab } from "../forge/gitlab";

/** By the variable that each one's pipelines set. */
const FORGES: readonly (readonly [string, (env: NodeJS.ProcessEnv) => Forge])[] = [
  ["GITHUB_ACTIONS", github],
  ["GITLAB_CI", gitlab],
  ["TF_BUILD", azureDevOps],
];

/** The forge of the running pipeline. Errors: SetupError NO_PIPELINE. */
export function forgeOf(env: NodeJS.ProcessEnv): Forge {
  const [, forge] = FORGES.find(([variable]) => (env[variable] ?? "") !== "") ?? [];
  if (forge !== undefined) return forge(env);
  const variables = FORGES.map(([variable]) => variable).join(", ");
  throw new SetupError("NO_PIPELINE", "This is no pipeline that is known.", `None of ${variables} is set.`, [
    "run this in GitHub Actions, GitLab CI or Azure Pipelines",
  ]);
}

interface Text {
  readonly marker: string;
  readonly text: string;
}

/** A report and its marker, the first line. Errors: SetupError NO_REPORT. */
function read(file: string): Text {
  const way = "npm run preview:report -- --out preview.md";
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new SetupError("NO_REPORT", `There is no report ${file}.`, "It cannot be read.", way, { cause });
  }
  const marker = text.split("\n")[0] ?? "";
  if (!/^<!-- azure-iot-zero-touch .+ -->$/.test(marker)) {
    throw new SetupError("NO_REPORT", `${file} is no report.`, "Its first line is not the marker of one.", way);
  }
  return { marker, text };
}

/**
 * `npm run preview:comment -- --file preview.md`: the report as the one comment of this pull request, edited in place.
 * `--issue TITLE`: as an open issue instead, and `--close`: closes that issue with it (GitHub).
 */
export async function previewComment(_paths: Paths, args: Arguments): Promise<number> {
  const [title, close] = [args.text("issue"), args.has("close")];
  const { marker, text } = read(args.need("file"));
  const forge = forgeOf(process.env);
  if (title === undefined && !close) {
    process.stdout.write(`${forge.name}: the comment was ${await forge.comment(marker, text)}.\n`);
    return 0;
  }
  if (forge.issue === undefined || forge.closeIssue === undefined) {
    throw new SetupError("NO_ISSUES", `${forge.name}: issues are not written here.`, "Only GitHub's are.", [
      "let the job fail instead: npm run preview:report -- --of drift --expect-no-changes",
    ]);
  }
  const done = close ? await forge.closeIssue(marker, text) : await forge.issue(marker, title ?? "", text);
  process.stdout.write(`${forge.name}: issue ${done}.\n`);
  return 0;
}
