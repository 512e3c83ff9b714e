/**
 * What Azure's error codes mean and what to do about them, in words for the person who reads a failed deployment.
 * Codes the table does not know fall back to what their HTTP status says.
 */
import { ARM_CODES } from "./explainArm";
import { DPS_CODES } from "./explainDps";
import { ENTRA_CODES } from "./explainEntra";
import { HUB_CODES } from "./explainHub";
import { VAULT_CODES } from "./explainVault";
import type { Explanation, ExplanationTable } from "./explanation";

/** The services with error codes of their own. `dpsDevice` is the registration endpoint that devices speak to. */
export type ExplainedService = "arm" | "dps" | "dpsDevice" | "hub" | "vault" | "entra";

const TABLES: Readonly<Record<ExplainedService, ExplanationTable>> = {
  arm: ARM_CODES,
  dps: DPS_CODES,
  dpsDevice: DPS_CODES,
  hub: HUB_CODES,
  vault: VAULT_CODES,
  entra: ENTRA_CODES,
};

const BY_STATUS: Readonly<Record<number, Explanation>> = {
  400: {
    meaning: "Azure found the request malformed.",
    remedy: "Compare the values named in the message with the rules in Pulumi.yaml; nothing was changed.",
  },
  401: {
    meaning: "The caller is not known to the service.",
    remedy: "Check the credentials in the environment (AZURE_* or ARM_*) and that the machine's clock is right.",
  },
  403: {
    meaning: "The caller is known but may not do this.",
    remedy: "Give the identity the role that the operation needs, then run `pulumi up` again.",
  },
  404: { meaning: "What was asked for does not exist.", remedy: "Run `pulumi refresh`, then `pulumi up`." },
  409: {
    meaning: "Something else holds or already is what was to be made.",
    remedy: "Wait for the other operation, or remove or import the existing resource, then run `pulumi up` again.",
  },
  412: {
    meaning: "It was changed by someone else since Pulumi last read it (its ETag differs).",
    remedy: "Run `pulumi refresh` to see the change, then `pulumi up` to set it right.",
  },
  429: {
    meaning: "The service is throttling: more calls than its limit allows.",
    remedy: "Wait a minute and run `pulumi up` again; it goes on where it stopped.",
  },
};

const SERVER_SIDE: Explanation = {
  meaning: "The service failed on its own side.",
  remedy: "Run `pulumi up` again in a minute; if it stays, give the tracking ID to Azure support.",
};

const UNEXPECTED: Explanation = {
  meaning: "The service returned a response that is not in its contract.",
  remedy: "Check that the proxy and endpoint in use are Azure's or the local Azure's, then run `pulumi up` again.",
};

/** Explains a service's error code, or the HTTP status if the response has no code. Never undefined. */
export function explain(service: ExplainedService, code: string | undefined, status: number): Explanation {
  const table = TABLES[service];
  const known = code === undefined || !Object.hasOwn(table, code) ? undefined : table[code];
  return known ?? BY_STATUS[status] ?? (status >= 500 ? SERVER_SIDE : UNEXPECTED);
}

/** Every code that has an entry of its own, for the documentation and its test. */
export function explainedCodes(service: ExplainedService): readonly string[] {
  return Object.keys(TABLES[service]);
}
