import type { Operation, Request, Response } from "../../kernel/operation";
import { existing } from "../objects/existingObject";
import { readAttributes } from "../objects/objectAttributes";
import { objectBody } from "../objects/objectBody";
import { authorize } from "../vaultAuthorization";
import { type CertificateDependencies, policyOf, savePolicy } from "./certificateDefinition";
import { readPolicy } from "./certificatePolicy";

/**
 * Updates a certificate by `handle`, and `enabled` and tags of its key and secret. The body may contain a policy. `nbf` and
 * `exp` are ignored: the certificate defines them.
 */
export function updateCertificate(
  request: Request,
  handle: Operation["handle"],
  deps: CertificateDependencies,
): Response | Promise<Response> {
  const { objects } = deps;
  const { vault } = authorize(request, { kind: "certificate", action: "update" }, deps);
  const certificate = existing(request, vault.key, "certificate", deps);
  const { policy, ...body } = objectBody(request);
  const { enabled } = readAttributes(body.attributes);
  const change: Request = { ...request, body: { ...body, attributes: enabled === undefined ? {} : { enabled } } };
  return deps.database.transaction(() => {
    if (policy !== undefined && policy !== null) {
      savePolicy(certificate, readPolicy(policy, vault, policyOf(certificate, deps)), deps);
    }
    const response = handle(change);
    const changed = objects.find(certificate, certificate.version);
    for (const kind of ["key", "secret"] as const) {
      const companion = objects.find({ ...certificate, kind }, certificate.version);
      if (companion === undefined || changed === undefined) continue;
      const { attributes, tags } = changed;
      objects.update(companion, { attributes: { enabled: attributes.enabled }, tags });
    }
    return response;
  });
}
