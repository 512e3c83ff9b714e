import type { Operation, Request, Response } from "../../kernel/operation";
import { nameOf } from "../objects/objectNames";
import { authorize } from "../vaultAuthorization";
import { type CertificateDependencies, savePolicy } from "./certificateDefinition";

/** Deletes a certificate by `handle`, its pending operation included. A pending one without a version becomes deletable. */
export function deleteCertificate(
  request: Request,
  handle: Operation["handle"],
  deps: CertificateDependencies,
): Response | Promise<Response> {
  const { objects, pending } = deps;
  const { vault } = authorize(request, { kind: "certificate", action: "delete" }, deps);
  const key = { vault: vault.key, kind: "certificate", name: nameOf(request) } as const;
  return deps.database.transaction(() => {
    const found = pending.find(key.vault, key.name);
    if (found && objects.state(key) === undefined) {
      const { version, tags } = found;
      objects.add(key, { version, tags, attributes: { enabled: false }, detail: {} });
      savePolicy(key, found.policy, deps);
    }
    pending.remove(key.vault, key.name);
    return handle(request);
  });
}
