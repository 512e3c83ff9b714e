import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { applyDuePolicies, type Lifetimes } from "../lifetimes";
import { existing, notFound } from "../objects/existingObject";
import { readAttributes } from "../objects/objectAttributes";
import { objectOperations } from "../objects/objectOperations";
import { type Page, pageResponse } from "../objects/objectPage";
import { keyOf, readBody, versionOf } from "../objects/objectRequest";
import type { ObjectVersion } from "../objects/objectVersion";
import { authorize, authorized } from "../vaultAuthorization";
import {
  type CertificateDependencies,
  certificateDefinition,
  pendingVersion,
  policyBody,
  policyOf,
  savePolicy,
} from "./certificateDefinition";
import { readPolicy } from "./certificatePolicy";
import { contactOperations, issuerOperations, SettingStore } from "./certificateSettingOperations";
import { createOperations } from "./createCertificate";
import { pendingOperations } from "./pendingOperations";

/** The operations on certificates (REST reference, "Certificates"). */
export function certificateOperations(lifetimes: Lifetimes, deps: CertificateDependencies): Operation[] {
  const settings = new SettingStore(deps);
  const operations: Operation[] = [
    ...commonOperations(deps),
    ...getOperations(deps),
    ...createOperations(deps, settings),
    ...pendingOperations(deps),
    ...policyOperations(deps),
  ];
  return [
    ...applyDuePolicies("certificate", operations, lifetimes, deps),
    ...issuerOperations(settings, deps),
    ...contactOperations(settings, deps),
  ];
}

type Handler = (
  request: Request,
  handle: Operation["handle"],
  deps: CertificateDependencies,
) => Response | Promise<Response>;

/** Certificates' own handlers of the common operations. */
const OWN_HANDLERS: Readonly<Record<string, Handler>> = {
  DeleteCertificate: deleteCertificate,
  UpdateCertificate: updateCertificate,
  "UpdateCertificate (latest)": updateCertificate,
  GetCertificates: listCertificates,
};

const commonOperations = (deps: CertificateDependencies): Operation[] =>
  objectOperations(certificateDefinition(deps), deps).map((operation) => {
    const own = OWN_HANDLERS[operation.name];
    return own ? { ...operation, handle: (request: Request) => own(request, operation.handle, deps) } : operation;
  });

/** Lists certificates in the order of names; with `includePending=true`, pending certificates included. */
function listCertificates(request: Request, _handle: Operation["handle"], deps: CertificateDependencies): Response {
  const context = authorize(request, { kind: "certificate", action: "list" }, deps);
  const vault = context.vault.key;
  const includesPending = request.query.get("includepending")?.toLowerCase() === "true";
  const mark = ({ name }: ObjectVersion): string => name.toLowerCase();
  const find = ({ after, top }: Page): ObjectVersion[] => {
    const versions = deps.objects.list(vault, "certificate", { deleted: false, after, top });
    const names = new Set(versions.map(mark));
    const pending = (includesPending ? deps.pending.list(vault, after, top) : [])
      .filter(({ name, status }) => status === "inProgress" && !names.has(name.toLowerCase()))
      .map(pendingVersion);
    return [...versions, ...pending].sort((a, b) => (mark(a) < mark(b) ? -1 : 1)).slice(0, top);
  };
  const definition = certificateDefinition(deps);
  return pageResponse(request, context, find, (each) => definition.item(each, context, false), mark);
}

/** Deletes a certificate by `handle`, its pending operation included. A pending one without a version becomes deletable. */
function deleteCertificate(request: Request, handle: Operation["handle"], deps: CertificateDependencies) {
  const { objects, pending } = deps;
  const key = keyOf(request, authorize(request, { kind: "certificate", action: "delete" }, deps), "certificate");
  return deps.database.transaction(() => {
    const found = pending.find(key.vault, key.name);
    if (found && objects.state(key) === undefined) {
      const { version, tags } = found;
      objects.add(key, { version, tags, attributes: { enabled: false }, detail: {} });
      savePolicy(key, found.policy, deps);
    }
    // The response has the pending operation.
    const response = handle(request);
    pending.remove(key.vault, key.name);
    return response;
  });
}

/**
 * Updates a certificate by `handle`, and `enabled` and tags of its key and secret. The body may contain a policy. `nbf` and
 * `exp` are ignored: the certificate defines them.
 */
function updateCertificate(request: Request, handle: Operation["handle"], deps: CertificateDependencies) {
  const { objects } = deps;
  const { vault } = authorize(request, { kind: "certificate", action: "update" }, deps);
  const certificate = existing(request, vault.key, "certificate", deps);
  const { policy, ...body } = readBody(request, "keyVault.updateCertificate");
  const { enabled } = readAttributes(body.attributes);
  const change: Request = { ...request, body: { ...body, attributes: { enabled } } };
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

/** Get, with a version and without policy, or of the latest one, or of the pending one if there is none yet. */
function getOperations(deps: CertificateDependencies): Operation[] {
  const definition = certificateDefinition(deps);
  const get = authorized({ kind: "certificate", action: "get" }, deps, (request, context) => {
    const [key, version] = [keyOf(request, context, "certificate"), versionOf(request)];
    const pending = deps.pending.find(key.vault, key.name);
    const fits = pending?.status === "inProgress" && (version ?? pending.version) === pending.version;
    const hasVersion = version === undefined && deps.objects.find(key) !== undefined;
    const isPending = pending !== undefined && fits && !hasVersion;
    const object = isPending ? pendingVersion(pending) : existing(request, key.vault, "certificate", deps);
    const { policy, pending: operation, ...own } = definition.bundle(object, context);
    return ok(version === undefined ? { ...own, policy, pending: operation } : own);
  });
  return [
    { name: "GetCertificate", method: "GET", path: "/certificates/:name/:version", handle: get },
    { name: "GetCertificate (latest)", method: "GET", path: "/certificates/:name", handle: get },
  ];
}

/** Get and update of a policy, of a pending certificate too. */
function policyOperations(deps: CertificateDependencies): Operation[] {
  const { objects, pending } = deps;
  const handler = (action: "get" | "update") =>
    authorized({ kind: "certificate", action }, deps, (request, context) => {
      const key = keyOf(request, context, "certificate");
      const found = pending.find(key.vault, key.name);
      const current = objects.find(key) || found?.status === "inProgress" ? policyOf(key, deps) : undefined;
      if (current === undefined) throw notFound("certificate", key.name);
      if (action === "update") {
        const policy = readPolicy(readBody(request, "keyVault.certificatePolicy"), context.vault, current);
        if (objects.find(key)) savePolicy(key, policy, deps);
        else if (found) pending.save({ ...found, policy }, pending.material(found));
      }
      return ok(policyBody(key.name, policyOf(key, deps) ?? current, context.vault));
    });
  const path = "/certificates/:name/policy";
  return [
    { name: "GetCertificatePolicy", method: "GET", path, handle: handler("get") },
    { name: "UpdateCertificatePolicy", method: "PATCH", path, handle: handler("update") },
  ];
}
