import type { Operation, Request, Response } from "../../kernel/operation";
import { type Lifetimes, lookingFirst } from "../lifetimes";
import { existing, notFound } from "../objects/existingObject";
import { readAttributes } from "../objects/objectAttributes";
import { nameOf, versionOf } from "../objects/objectNames";
import { objectBody, objectOperations } from "../objects/objectOperations";
import { pageRequest, pageResponse } from "../objects/objectPage";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import { authorize } from "../vaultAuthorization";
import {
  type CertificateDependencies,
  certificateDefinition,
  keepPolicy,
  policyBody,
  policyOf,
  toBe,
} from "./certificateDefinition";
import { readPolicy } from "./certificatePolicy";
import { SettingStore } from "./certificateSettingStore";
import { contactOperations } from "./contactOperations";
import { createOperations } from "./createCertificate";
import { issuerOperations } from "./issuerOperations";
import { pendingOperations } from "./pendingOperations";

const keyOf = (vault: string, request: Request): ObjectKey => ({ vault, kind: "certificate", name: nameOf(request) });

/** A certificate's version, or the one that is still to come where none is there yet. Throws 404. */
function shown(request: Request, vault: string, deps: CertificateDependencies): ObjectVersion {
  const making = deps.pending.find(vault, nameOf(request));
  const [key, asked] = [keyOf(vault, request), versionOf(request)];
  const fits = making?.status === "inProgress" && (asked ?? making.version) === making.version;
  if (making !== undefined && fits && !(asked === undefined && deps.objects.find(key))) return toBe(making);
  return existing(request, vault, "certificate", deps);
}

/** List with the pending ones among the others (`includePending=true`), in the order of their names. */
function list(request: Request, deps: CertificateDependencies): Response {
  const scene = authorize(request, { kind: "certificate", action: "list" }, deps);
  const vault = scene.vault.key;
  const page = pageRequest(request);
  const top = page.size + 1;
  const standing = deps.objects.list(vault, "certificate", { deleted: false, after: page.after, top });
  const asked = request.query.get("includepending")?.toLowerCase() === "true";
  const names = new Set(standing.map(({ name }) => name.toLowerCase()));
  const pending = (asked ? deps.pending.list(vault, page.after, top) : [])
    .filter(({ name, status }) => status === "inProgress" && !names.has(name.toLowerCase()))
    .map(toBe);
  const mark = ({ name }: ObjectVersion): string => name.toLowerCase();
  const found = [...standing, ...pending].sort((a, b) => (mark(a) < mark(b) ? -1 : 1)).slice(0, top);
  const definition = certificateDefinition(deps);
  return pageResponse(request, scene.vault, page, found, (each) => definition.item(each, scene, false), mark);
}

function policyOperations(deps: CertificateDependencies): Operation[] {
  const response = (request: Request, action: "get" | "update"): Response => {
    const { vault } = authorize(request, { kind: "certificate", action }, deps);
    const key = keyOf(vault.key, request);
    const making = deps.pending.find(key.vault, key.name);
    const standing = deps.objects.find(key) || making?.status === "inProgress" ? policyOf(key, deps) : undefined;
    if (standing === undefined) throw notFound("certificate", key.name);
    if (action === "update") {
      const policy = readPolicy(objectBody(request), vault, standing);
      if (deps.objects.find(key)) keepPolicy(key, policy, deps);
      else if (making) deps.pending.save({ ...making, policy }, deps.pending.material(making));
    }
    return { status: 200, body: policyBody(key.name, policyOf(key, deps) ?? standing, vault) };
  };
  const path = "/certificates/:name/policy";
  return [
    { name: "GetCertificatePolicy", method: "GET", path, handle: (request) => response(request, "get") },
    { name: "UpdateCertificatePolicy", method: "PATCH", path, handle: (request) => response(request, "update") },
  ];
}

/** The operations that all kinds have, with what a certificate does besides. */
function commonOperations(deps: CertificateDependencies): Operation[] {
  const { objects, database, pending } = deps;
  const definition = certificateDefinition(deps);
  /** A pending certificate that never was one is deleted as what it is: without a certificate. */
  const remove = (request: Request, handle: Operation["handle"]) => {
    const { vault } = authorize(request, { kind: "certificate", action: "delete" }, deps);
    const key = keyOf(vault.key, request);
    return database.transaction(() => {
      const making = pending.find(key.vault, key.name);
      if (making && objects.state(key) === undefined) {
        const { version, tags } = making;
        objects.add(key, { version, tags, attributes: { enabled: false }, detail: {} });
        keepPolicy(key, making.policy, deps);
      }
      pending.remove(key.vault, key.name);
      return handle(request);
    });
  };
  /**
   * Key and secret follow the certificate: enabled and tags; a policy may come along. When it begins and ends the
   * certificate says, whatever is asked.
   */
  const update = (request: Request, handle: Operation["handle"]) => {
    const { vault } = authorize(request, { kind: "certificate", action: "update" }, deps);
    const certificate = existing(request, vault.key, "certificate", deps);
    const { policy, ...body } = objectBody(request);
    const { enabled } = readAttributes(body.attributes);
    const asked: Request = { ...request, body: { ...body, attributes: enabled === undefined ? {} : { enabled } } };
    return database.transaction(() => {
      const standing = policyOf(certificate, deps);
      if (policy !== undefined && policy !== null) keepPolicy(certificate, readPolicy(policy, vault, standing), deps);
      const response = handle(asked);
      const changed = objects.find(certificate, certificate.version);
      for (const kind of ["key", "secret"] as const) {
        const companion = objects.find({ ...certificate, kind }, certificate.version);
        if (companion === undefined || changed === undefined) continue;
        const { attributes, tags } = changed;
        objects.update(companion, { attributes: { enabled: attributes.enabled }, tags });
      }
      return response;
    });
  };
  const more: Readonly<
    Record<string, (request: Request, handle: Operation["handle"]) => Response | Promise<Response>>
  > = {
    DeleteCertificate: remove,
    UpdateCertificate: update,
    "UpdateCertificate (latest)": update,
    GetCertificates: (request) => list(request, deps),
  };
  return objectOperations(definition, deps).map((operation) => {
    const extra = more[operation.name];
    return extra === undefined
      ? operation
      : { ...operation, handle: (request: Request) => extra(request, operation.handle) };
  });
}

/** Certificates of vaults (REST reference, "Certificates"). */
export function certificateOperations(lifetimes: Lifetimes, deps: CertificateDependencies): Operation[] {
  const settings = new SettingStore(deps);
  const definition = certificateDefinition(deps);
  const get = (request: Request): Response => {
    const scene = authorize(request, { kind: "certificate", action: "get" }, deps);
    return { status: 200, body: definition.bundle(shown(request, scene.vault.key, deps), scene) };
  };
  const operations: Operation[] = [
    ...commonOperations(deps),
    { name: "GetCertificate", method: "GET", path: "/certificates/:name/:version", handle: get },
    { name: "GetCertificate (latest)", method: "GET", path: "/certificates/:name", handle: get },
    ...createOperations(deps, settings),
    ...pendingOperations(deps),
    ...policyOperations(deps),
  ];
  return [
    ...lookingFirst("certificate", operations, lifetimes, deps),
    ...issuerOperations(settings, deps),
    ...contactOperations(settings, deps),
  ];
}
