import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SIGN_IN_VARIABLES, type SignInWay, signInVariables } from "../../cli/local/signInVariables";
import type { TestAzure } from "./localAzure";

/** A token of the identity provider, as the control listener mints it. Default: that of a workflow on `main`. */
export async function idToken(azure: TestAzure, request: object = {}): Promise<string> {
  const { status, body } = await azure.control("POST", "/id-token", request);
  if (status !== 200) throw new Error(`no identity token: ${status} ${JSON.stringify(body)}`);
  return (body as { token: string }).token;
}

/** The environment of a client that is pointed at a local Azure and signs in by one way, and by no other. */
export async function signedIn(azure: TestAzure, way: SignInWay): Promise<Record<string, string>> {
  const env: Record<string, string> = { ...azure.env };
  for (const name of SIGN_IN_VARIABLES) delete env[name];
  const federatedTokenFile = join(azure.directory, "federated-token");
  if (way === "oidc") writeFileSync(federatedTokenFile, await idToken(azure), { mode: 0o600 });
  return { ...env, ...signInVariables(way, { ...azure.ready, federatedTokenFile }) };
}
