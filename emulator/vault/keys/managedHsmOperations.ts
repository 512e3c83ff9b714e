import type { Operation, Request, Response } from "../../kernel/operation";
import { existing } from "../objects/existingObject";
import { authorize, requestContext } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter } from "../vaultErrors";
import { notReleasable } from "./keyDefinition";

/** Operations of managed HSMs only, with the errors of a vault. */
export function managedHsmOperations(deps: VaultDependencies): Operation[] {
  const release = (request: Request): Response => {
    const { vault } = authorize(request, { kind: "key", action: "release" }, deps);
    existing(request, vault.key, "key", deps);
    throw notReleasable();
  };
  const attestation = (request: Request): Response => {
    const { vault } = authorize(request, { kind: "key", action: "get" }, deps);
    existing(request, vault.key, "key", deps);
    throw badParameter("Key attestation is available for keys in a managed HSM only.");
  };
  const random = (request: Request): Response => {
    requestContext(request, deps);
    throw badParameter("Random numbers are available from a managed HSM only, not from a vault.");
  };
  return [
    { name: "Release", method: "POST", path: "/keys/:name/:version/release", handle: release },
    { name: "GetKeyAttestation", method: "GET", path: "/keys/:name/:version/attestation", handle: attestation },
    { name: "GetRandomBytes", method: "POST", path: "/rng", handle: random },
  ];
}
