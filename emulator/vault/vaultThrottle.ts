import type { Operation, Request } from "../kernel/operation";
import { Throttle } from "../kernel/throttle";
import type { VaultRecord } from "../kernel/vaultDirectory";
import { keyDetail } from "./keys/keyDefinition";
import type { VaultDependencies, WithObjects } from "./vaultDependencies";
import { vaultError } from "./vaultErrors";

/** Milliseconds of a window. */
const WINDOW = 10_000;

/**
 * Transactions of a vault in ten seconds (Azure documentation, "Azure Key Vault service limits", software keys). A call at a
 * larger RSA key counts as several.
 */
export const VAULT_LIMITS = Object.freeze({ keyCreation: 20, secretCreation: 300, other: 4000 });

/** Weight of a request with an RSA key, by its bits: 500 pass with 4096 bits, 1,000 with 3072. */
const WEIGHTS: ReadonlyMap<number, number> = new Map([
  [3072, 4],
  [4096, 8],
]);

type Kind = keyof typeof VAULT_LIMITS;

function kindOf({ name }: Operation): Kind {
  if (/^(?:CreateKey|ImportKey|RotateKey)\b/.test(name)) return "keyCreation";
  return name === "SetSecret" ? "secretCreation" : "other";
}

/** How many calls one counts for. */
function weightOf(vault: VaultRecord, { path }: Operation, { params }: Request, { objects }: WithObjects): number {
  const { name } = params;
  const isUse = name !== undefined && path.startsWith("/keys/:name");
  const key = isUse ? objects.find({ vault: vault.key, kind: "key", name }) : undefined;
  const jwk = key && keyDetail(key).jwk;
  return jwk?.kty === "RSA" ? (WEIGHTS.get(Buffer.from(jwk.n, "base64url").length * 8) ?? 1) : 1;
}

/** Counts calls where throttling is on; throws 429 `Throttled` with Retry-After, in seconds. */
export function vaultThrottle(deps: Pick<VaultDependencies, "clock" | "switches" | "objects">) {
  const throttle = (kind: Kind): Throttle => new Throttle(deps.clock, VAULT_LIMITS[kind], WINDOW);
  const throttles = {
    keyCreation: throttle("keyCreation"),
    secretCreation: throttle("secretCreation"),
    other: throttle("other"),
  };
  return (vault: VaultRecord, operation: Operation, request: Request): void => {
    if (!deps.switches.throttling) return;
    const kind = kindOf(operation);
    const weight = kind === "other" ? weightOf(vault, operation, request, deps) : 1;
    const waits = Array.from({ length: weight }, () => throttles[kind].take(vault.key));
    const wait = Math.max(...waits);
    if (wait === 0) return;
    const message =
      "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached";
    throw vaultError(429, "Throttled", message, { headers: { "retry-after": String(wait) } });
  };
}
