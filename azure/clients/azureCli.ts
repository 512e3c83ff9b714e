/** The token of `az login`. */
import { execFile } from "node:child_process";
import type { AccessToken } from "@azure/core-auth";
import { resourceOf, SignInError } from "./entraToken";

/** What az may be given: nothing that a shell reads, because az is a script on Windows. */
const PLAIN = /^[\w:/.-]+$/;

interface CliToken {
  readonly accessToken: string;
  /** Seconds since 1970; since az 2.54. */
  readonly expires_on?: number;
  /** Local time; before. */
  readonly expiresOn?: string;
}

/** Asks az for a token. Errors: SignInError with what to do. */
export async function azureCliToken(scope: string, tenantId: string | undefined): Promise<AccessToken> {
  const resource = resourceOf(scope);
  const words = ["account", "get-access-token", "--output", "json", "--resource", resource];
  if (tenantId !== undefined) words.push("--tenant", tenantId);
  if (!words.every((word) => PLAIN.test(word))) throw new SignInError(`az takes no such tenant: ${tenantId}`);
  const { accessToken, expires_on: seconds, expiresOn } = JSON.parse(await az(words)) as CliToken;
  return {
    token: accessToken,
    expiresOnTimestamp: seconds === undefined ? new Date(expiresOn ?? 0).getTime() : seconds * 1000,
  };
}

function az(words: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    const options = { shell: process.platform === "win32", windowsHide: true, timeout: 60_000 };
    execFile("az", words, options, (error, stdout, stderr) => {
      if (!error) return done(stdout);
      fail(new SignInError(refusal(error, stderr), { cause: error }));
    });
  });
}

function refusal(error: Error & { readonly code?: unknown }, stderr: string): string {
  if (error.code === "ENOENT" || /not recognized|not found/.test(stderr)) {
    return "no ARM_ or AZURE_ variable says how to sign in, and the Azure CLI is not installed.\n  To fix: set them, or install az and run az login";
  }
  const said = stderr
    .replace(/^ERROR: /, "")
    .trim()
    .split("\n")[0];
  return `az returned no token: ${said || error.message}\n  To fix: az login`;
}
