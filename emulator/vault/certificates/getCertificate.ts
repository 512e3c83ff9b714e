import type { Operation, Request } from "../../kernel/operation";
import { existing } from "../objects/existingObject";
import { nameOf, versionOf } from "../objects/objectNames";
import type { ObjectVersion } from "../objects/objectVersion";
import { authorize } from "../vaultAuthorization";
import { type CertificateDependencies, certificateDefinition, pendingVersion } from "./certificateDefinition";

/** Returns a version of a certificate, or the pending one if there is none yet. Throws 404. */
function versionOrPending(request: Request, vault: string, deps: CertificateDependencies): ObjectVersion {
  const [name, version] = [nameOf(request), versionOf(request)];
  const pending = deps.pending.find(vault, name);
  const fits = pending?.status === "inProgress" && (version ?? pending.version) === pending.version;
  const hasVersion = version === undefined && deps.objects.find({ vault, kind: "certificate", name }) !== undefined;
  if (pending !== undefined && fits && !hasVersion) return pendingVersion(pending);
  return existing(request, vault, "certificate", deps);
}

/** `GET /certificates/{name}/{version}`; without a version: the latest, or the pending one. */
export function getCertificate(deps: CertificateDependencies): Operation[] {
  const definition = certificateDefinition(deps);
  const handle: Operation["handle"] = (request) => {
    const context = authorize(request, { kind: "certificate", action: "get" }, deps);
    return { status: 200, body: definition.bundle(versionOrPending(request, context.vault.key, deps), context) };
  };
  return [
    { name: "GetCertificate", method: "GET", path: "/certificates/:name/:version", handle },
    { name: "GetCertificate (latest)", method: "GET", path: "/certificates/:name", handle },
  ];
}
