import type { JsonObject } from "../../../azure/wire/jsonObject";
import { Certificate } from "../../../certs/certificate";
import { CertsError } from "../../../certs/errors";
import { decodeBase64 } from "../../../certs/pem";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { readAttributes, readTags } from "../objects/objectAttributes";
import { idOf } from "../objects/objectDefinition";
import { nameOf, readBody } from "../objects/objectRequest";
import { authorized, type VaultRequestContext } from "../vaultAuthorization";
import { badParameter, vaultError } from "../vaultErrors";
import { leafFirst } from "./certificateContent";
import { type CertificateDependencies, certificateDefinition, policyOf, savePolicy } from "./certificateDefinition";
import { checkNames, complete } from "./completeCertificate";
import type { Pending } from "./pendingStore";

const DETAILS = Object.freeze({
  Unknown: "Pending certificate created. Please Perform Merge to complete the request.",
  Self: "Pending certificate created. Certificate request is in progress. This may take some time based on the issuer provider. Please check again later.",
});

function pendingBody(pending: Pending, { vault }: VaultRequestContext): JsonObject {
  const id = idOf(vault, "certificate", pending.name);
  const { status, policy } = pending;
  return {
    id: `${id}/pending`,
    issuer: { name: policy.issuer.name },
    csr: pending.csr,
    cancellation_requested: pending.cancellationRequested,
    status,
    status_details: status === "inProgress" ? DETAILS[policy.issuer.name === "Self" ? "Self" : "Unknown"] : undefined,
    target: status === "inProgress" ? undefined : id,
    request_id: pending.requestId,
  };
}

/**
 * Returns the response of create: a pending certificate, `inProgress` even if it is complete. Azure does the same, and its
 * Python client returns no certificate for a creation that starts as complete.
 */
export function pendingResponse(pending: Pending, context: VaultRequestContext, request: Request): Response {
  const query = `api-version=${request.query.get("api-version") ?? ""}&request_id=${pending.requestId}`;
  const location = `${idOf(context.vault, "certificate", pending.name)}/pending?${query}`;
  return {
    status: 202,
    headers: { location, "retry-after": "10" },
    body: pendingBody({ ...pending, status: "inProgress" }, context),
  };
}

/** Some clients write base64url. */
const decoded = (text: string): Buffer => Buffer.from(decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/")));

/** Returns the certificates of a merge: base64 of DER, or of its base64, as the SDK for Python writes it. Throws 400. */
function readChain(x5c: readonly string[]): Certificate[] {
  return x5c.map((each) => {
    try {
      const der = decoded(each);
      return new Certificate(der[0] === 0x30 ? der : decoded(der.toString("latin1")));
    } catch (error) {
      if (!(error instanceof CertsError)) throw error;
      throw badParameter("Property x5c must contain certificates: base64 of DER.");
    }
  });
}

/** The operations on pending certificates (REST reference, "Get Certificate Operation" to "Merge"). */
export function pendingOperations(deps: CertificateDependencies): Operation[] {
  const definition = certificateDefinition(deps);
  const existing = (request: Request, { vault }: VaultRequestContext): Pending => {
    const name = nameOf(request);
    const found = deps.pending.find(vault.key, name);
    const requestId = request.query.get("request_id") ?? found?.requestId;
    if (found !== undefined && requestId === found.requestId) return found;
    throw vaultError(404, "PendingCertificateNotFound", `Pending certificate not found: ${name}`);
  };
  const get = authorized({ kind: "certificate", action: "get" }, deps, (request, context) =>
    ok(pendingBody(existing(request, context), context)),
  );

  const cancel = authorized({ kind: "certificate", action: "update" }, deps, (request, context) => {
    const pending = existing(request, context);
    if (readBody(request, "keyVault.updateCertificateOperation").cancellation_requested !== true) {
      throw badParameter("Property cancellation_requested must be true.");
    }
    if (pending.status !== "inProgress") {
      throw badParameter("A pending certificate can only be cancelled while its status is inProgress.");
    }
    // Only a request: the external issuer is not notified, so the status stays inProgress, as in Azure.
    return ok(pendingBody(deps.pending.requestCancellation(pending), context));
  });

  const remove = authorized({ kind: "certificate", action: "delete" }, deps, (request, context) => {
    const pending = existing(request, context);
    deps.pending.remove(pending.vault, pending.name);
    return ok(pendingBody(pending, context));
  });

  const merge = authorized({ kind: "certificate", action: "create" }, deps, (request, context) => {
    const pending = existing(request, context);
    if (pending.status !== "inProgress") {
      throw vaultError(404, "PendingCertificateNotFound", `Pending certificate not found: ${pending.name}`);
    }
    const body = readBody(request, "keyVault.mergeCertificate");
    const material = deps.pending.material(pending);
    const chain = leafFirst(readChain(body.x5c as string[]), material);
    const key = { vault: pending.vault, kind: "certificate", name: pending.name } as const;
    checkNames(key, deps);
    // The policy may have changed since.
    const policy = policyOf(key, deps) ?? pending.policy;
    const completed = {
      version: pending.version,
      policy,
      attributes: { ...pending.attributes, ...readAttributes(body.attributes) },
      tags: readTags(body.tags) ?? pending.tags,
      chain,
      material,
    };
    const object = deps.database.transaction(() => {
      deps.pending.save({ ...pending, status: "completed" });
      const added = complete(key, completed, deps);
      savePolicy(key, policy, deps);
      return added;
    });
    const location = `${idOf(context.vault, "certificate", pending.name)}?api-version=${request.query.get("api-version")}`;
    return { status: 201, headers: { location }, body: definition.bundle(object, context) };
  });

  const path = "/certificates/:name/pending";
  return [
    { name: "GetCertificateOperation", method: "GET", path, handle: get },
    { name: "UpdateCertificateOperation", method: "PATCH", path, handle: cancel },
    { name: "DeleteCertificateOperation", method: "DELETE", path, handle: remove },
    { name: "MergeCertificate", method: "POST", path: `${path}/merge`, handle: merge },
  ];
}
