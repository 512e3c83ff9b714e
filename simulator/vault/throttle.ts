import type { Operation } from "../kernel/call";
import type { Services } from "../kernel/services";
import { Throttle } from "../kernel/throttle";
import type { VaultRecord } from "../kernel/vaultDirectory";
import { vaultError } from "./errors";

/** Milliseconds of a window. */
const WINDOW = 10_000;

/**
 * Transactions of a vault in ten seconds (Azure documentation, "Azure Key Vault service limits", software keys). Azure
 * weighs RSA keys above 2048 bits more, and sums; here each kind of call has its own count.
 */
export const VAULT_LIMITS = Object.freeze({ keyCreation: 20, secretCreation: 300, other: 4000 });

type Kind = keyof typeof VAULT_LIMITS;

function kindOf({ name }: Operation): Kind {
  if (/^(?:CreateKey|ImportKey|RotateKey)\b/.test(name)) return "keyCreation";
  return name === "SetSecret" ? "secretCreation" : "other";
}

/** Counts calls where throttling is on; throws 429 `Throttled` with Retry-After, in seconds. */
export function vaultThrottle({
  clock,
  switches,
}: Pick<Services, "clock" | "switches">): (vault: VaultRecord, operation: Operation) => void {
  const throttles = {
    keyCreation: new Throttle(clock, VAULT_LIMITS.keyCreation, WINDOW),
    secretCreation: new Throttle(clock, VAULT_LIMITS.secretCreation, WINDOW),
    other: new Throttle(clock, VAULT_LIMITS.other, WINDOW),
  };
  return (vault, operation) => {
    const wait = switches.throttling ? throttles[kindOf(operation)].take(vault.key) : 0;
    if (wait === 0) return;
    const message =
      "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached";
    throw vaultError(429, "Throttled", message, { headers: { "retry-after": String(wait) } });
  };
}
