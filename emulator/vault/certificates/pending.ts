import { Certificate } from "../../../certs/certificate";
import { CertsError } from "../../../certs/errors";
import { decodeBase64 } from "../../../certs/pem";
import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize, type Scene } from "../authorize";
import { badParameter, vaultError } from "../errors";
import { objectBody } from "../objects";
import { type JsonObject, readAttributes, readTags } from "../objects/attributes";
import { idOf, nameOf } from "../objects/names";
import { type CertificateParts, certificateFace, keepPolicy, policyOf } from "./certificateFace";
import { checkNames, complete } from "./complete";
import { mismatch } from "./content";
import type { Pending } from "./pendingTable";

const DETAILS = Object.freeze({
  Unknown: "Pending certificate created. Please Perform Merge to complete the request.",
  Self: "Pending certificate created. Certificate request is in progress. This may take some time based on the issuer provider. Please check again later.",
});

function pendingBody(pending: Pending, { vault }: Scene): JsonObject {
  const id = idOf(vault, "certificate", pending.name);
  const { status, policy } = pending;
  return {
    id: `${id}/pending`,
    issuer: { name: policy.issuer.name },
    csr: pending.csr,
    cancellation_requested: pending.cancellationRequested,
    status,
    ...(status === "inProgress"
      ? { status_details: DETAILS[policy.issuer.name === "Self" ? "Self" : "Unknown"] }
      : { target: id }),
    request_id: pending.requestId,
  };
}

/**
 * A pending certificate with its address, as create answers it: in progress, also when it is done already. Azure's answer
 * says no other, and its client for Python gives no certificate for a creation that is over when it begins.
 */
export function begunAnswer(pending: Pending, scene: Scene, call: Call): Answer {
  const query = `api-version=${call.query.get("api-version") ?? ""}&request_id=${pending.requestId}`;
  const location = `${idOf(scene.vault, "certificate", pending.name)}/pending?${query}`;
  return { status: 202, headers: { location }, body: pendingBody({ ...pending, status: "inProgress" }, scene) };
}

/** The certificates of a merge, leaf first. Throws 400. */
function readChain(x5c: unknown, spki: Buffer): [Certificate, ...Certificate[]] {
  if (!Array.isArray(x5c) || x5c.length === 0) throw badParameter("Property x5c has invalid value: it is a list.");
  const chain = x5c.map((each: unknown) => {
    try {
      // Some clients write base64url.
      return new Certificate(decodeBase64(String(each).replaceAll("-", "+").replaceAll("_", "/")));
    } catch (error) {
      if (!(error instanceof CertsError)) throw error;
      throw badParameter("Property x5c has invalid value: each is the base64 of a certificate in DER.");
    }
  });
  const leaf = chain.find((each) => each.spki.equals(spki));
  if (leaf === undefined) throw mismatch();
  return [leaf, ...chain.filter((each) => each !== leaf)];
}

/** What can be done with a certificate that is being made (REST reference, "Get Certificate Operation" to "Merge"). */
export function pendingOperations(parts: CertificateParts): Operation[] {
  const face = certificateFace(parts);
  const existing = (call: Call, { vault }: Scene): Pending => {
    const name = nameOf(call);
    const found = parts.pending.find(vault.key, name);
    const asked = call.query.get("request_id") ?? found?.requestId;
    if (found !== undefined && asked === found.requestId) return found;
    throw vaultError(404, "PendingCertificateNotFound", `Pending certificate not found: ${name}`);
  };
  const get = (call: Call): Answer => {
    const scene = authorize(call, { kind: "certificate", action: "get" }, parts);
    return { status: 200, body: pendingBody(existing(call, scene), scene) };
  };
  const cancel = (call: Call): Answer => {
    const scene = authorize(call, { kind: "certificate", action: "update" }, parts);
    const pending = existing(call, scene);
    if (objectBody(call).cancellation_requested !== true) {
      throw badParameter("Property cancellation_requested has invalid value: it is true.");
    }
    if (pending.status !== "inProgress") {
      throw badParameter("A pending certificate can be cancelled while its status is inProgress alone.");
    }
    // A wish: whoever signs the request outside knows nothing of it, so it stays in progress, as in Azure.
    return { status: 200, body: pendingBody(parts.pending.askCancellation(pending), scene) };
  };
  const remove = (call: Call): Answer => {
    const scene = authorize(call, { kind: "certificate", action: "delete" }, parts);
    const pending = existing(call, scene);
    parts.pending.remove(pending.vault, pending.name);
    return { status: 200, body: pendingBody(pending, scene) };
  };
  const merge = (call: Call): Answer => {
    const scene = authorize(call, { kind: "certificate", action: "create" }, parts);
    const pending = existing(call, scene);
    if (pending.status !== "inProgress") {
      throw vaultError(404, "PendingCertificateNotFound", `Pending certificate not found: ${pending.name}`);
    }
    const body = objectBody(call);
    const material = parts.pending.material(pending);
    const chain = readChain(body.x5c, material.publicKey.export({ type: "spki", format: "der" }));
    const key = { vault: pending.vault, kind: "certificate", name: pending.name } as const;
    checkNames(key, parts);
    // The policy may have been changed since.
    const policy = policyOf(key, parts) ?? pending.policy;
    const completed = {
      version: pending.version,
      policy,
      attributes: { ...pending.attributes, ...readAttributes(body.attributes) },
      tags: readTags(body.tags) ?? pending.tags,
      chain,
      material,
    };
    const object = parts.store.transaction(() => {
      parts.pending.save({ ...pending, status: "completed" });
      const added = complete(key, completed, parts);
      keepPolicy(key, policy, parts);
      return added;
    });
    const location = `${idOf(scene.vault, "certificate", pending.name)}?api-version=${call.query.get("api-version")}`;
    return { status: 201, headers: { location }, body: face.bundle(object, scene) };
  };
  const path = "/certificates/:name/pending";
  return [
    { name: "GetCertificateOperation", method: "GET", path, handle: get },
    { name: "UpdateCertificateOperation", method: "PATCH", path, handle: cancel },
    { name: "DeleteCertificateOperation", method: "DELETE", path, handle: remove },
    { name: "MergeCertificate", method: "POST", path: `${path}/merge`, handle: merge },
  ];
}
