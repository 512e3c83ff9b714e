import { TOKEN_SECONDS } from "../../entra/accessTokens";
import { isKnownResource } from "../../entra/knownResources";
import { unixSeconds } from "../../kernel/clock";
import type { Request } from "../../kernel/operation";
import type { MachineDependencies } from "../machineDependencies";
import type { MachineError } from "../machineErrors";

/** A token of the machine's identity. */
export interface IdentityToken {
  readonly token: string;
  readonly resource: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

/** Issues a token of the one identity, the tenant's application. The request can select it by its client or object ID. */
export function identityToken(
  request: Request,
  { tokens, clock }: MachineDependencies,
  refuse: MachineError,
): IdentityToken {
  const resource = request.query.get("resource") ?? "";
  if (resource === "") throw refuse(400, "invalid_request", "The parameter 'resource' is missing.");
  if (!isKnownResource(resource)) {
    const message = `AADSTS500011: The resource principal named ${resource} was not found in the tenant of the local Azure.`;
    throw refuse(400, "invalid_resource", message);
  }
  if (request.query.has("mi_res_id") || request.query.has("msi_res_id")) {
    throw refuse(
      501,
      "not_emulated",
      "The local Azure's managed identity is selected by client_id or object_id, or by default.",
    );
  }
  const { clientId, objectId } = tokens.tenant;
  const requested = [
    [request.query.get("client_id") ?? request.query.get("clientid"), clientId],
    [request.query.get("object_id") ?? request.query.get("principal_id"), objectId],
  ] as const;
  if (requested.some(([name, own]) => name !== undefined && name.toLowerCase() !== own)) {
    throw refuse(400, "invalid_request", "Identity not found");
  }
  const expires = unixSeconds(clock) + TOKEN_SECONDS;
  return { token: tokens.issue(resource, { method: "2" }), resource, expires };
}
