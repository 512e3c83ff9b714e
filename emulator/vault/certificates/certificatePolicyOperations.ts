import type { Operation, Request, Response } from "../../kernel/operation";
import { notFound } from "../objects/existingObject";
import { objectBody } from "../objects/objectBody";
import { nameOf } from "../objects/objectNames";
import { authorize } from "../vaultAuthorization";
import { type CertificateDependencies, policyBody, policyOf, savePolicy } from "./certificateDefinition";
import { readPolicy } from "./certificatePolicy";

/** `GET` and `PATCH /certificates/{name}/policy`, of a pending certificate too. */
export function certificatePolicyOperations(deps: CertificateDependencies): Operation[] {
  const response = (request: Request, action: "get" | "update"): Response => {
    const { vault } = authorize(request, { kind: "certificate", action }, deps);
    const key = { vault: vault.key, kind: "certificate", name: nameOf(request) } as const;
    const pending = deps.pending.find(key.vault, key.name);
    const current = deps.objects.find(key) || pending?.status === "inProgress" ? policyOf(key, deps) : undefined;
    if (current === undefined) throw notFound("certificate", key.name);
    if (action === "update") {
      const policy = readPolicy(objectBody(request), vault, current);
      if (deps.objects.find(key)) savePolicy(key, policy, deps);
      else if (pending) deps.pending.save({ ...pending, policy }, deps.pending.material(pending));
    }
    return { status: 200, body: policyBody(key.name, policyOf(key, deps) ?? current, vault) };
  };
  const path = "/certificates/:name/policy";
  return [
    { name: "GetCertificatePolicy", method: "GET", path, handle: (request) => response(request, "get") },
    { name: "UpdateCertificatePolicy", method: "PATCH", path, handle: (request) => response(request, "update") },
  ];
}
