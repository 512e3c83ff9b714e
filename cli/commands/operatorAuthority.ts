import { text } from "node:stream/consumers";
import { processContext } from "../certs/processContext";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { type AuthorityContext, runForAuthority } from "../operator/authorityRun";
import { authorize } from "../operator/authorize";
import { createAuthority } from "../operator/createAuthority";

const authorityContext = (): AuthorityContext => ({
  ...processContext(),
  openTokenKey: (keyId) =>
    (require("../operator/vaultTokenKey") as typeof import("../operator/vaultTokenKey")).openVaultTokenKey(keyId),
  readInput: () => text(process.stdin),
});

/** `zero-touch operator authority`: makes the key and the certificate of a support authority. */
export const operatorAuthority = (_paths: Paths, args: Arguments): Promise<number> =>
  runForAuthority("authority", { args, context: authorityContext() }, createAuthority);

/** `zero-touch operator authorize`: authorizes a request token, and prints the response token. */
export const operatorAuthorize = (_paths: Paths, args: Arguments): Promise<number> =>
  runForAuthority("authorize", { args, context: authorityContext() }, authorize);
