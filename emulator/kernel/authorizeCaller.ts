import { judgeSas } from "./authorization";
import type { SharedAccessPolicy, TokenJudge } from "./directory";
import type { Request } from "./operation";

/** What lets a caller into a service API. */
export interface CallerRequirements {
  /** Of Entra's tokens, without a trailing slash. */
  readonly audiences: readonly string[];
  readonly policies: readonly SharedAccessPolicy[];
  /** Any of these rights of a policy will do. */
  readonly rights: readonly string[];
  /** Seconds since 1970. */
  readonly at: number;
}

/**
 * Why the caller of a service API is let do nothing: he shows neither a bearer token of Entra for it nor a signature of a
 * shared access policy with the right. Undefined when he does.
 */
export function callerError(
  { host, path, headers }: Pick<Request, "host" | "path" | "headers">,
  { audiences, ...demand }: CallerRequirements,
  tokens: TokenJudge,
): string | undefined {
  const header = headers.authorization ?? "";
  if (header === "") return "no Authorization header";
  const bearer = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
  if (bearer !== undefined) {
    const verdict = tokens.judge(bearer, audiences);
    return verdict.ok ? undefined : `bearer token: ${verdict.reason}`;
  }
  const fault = judgeSas(header, { ...demand, resource: host + path });
  return fault && `shared access signature: ${fault}`;
}
