import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize } from "../authorize";
import { type Lifetimes, lookingFirst } from "../lifetimes";
import { objectBody, objectOperations } from "../objects";
import { readAttributes } from "../objects/attributes";
import { existing, notFound } from "../objects/existing";
import { nameOf, versionOf } from "../objects/names";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import { pageAnswer, pageRequest } from "../objects/page";
import { type CertificateParts, certificateFace, keepPolicy, policyBody, policyOf, toBe } from "./certificateFace";
import { contactOperations } from "./contacts";
import { createOperations } from "./create";
import { issuerOperations } from "./issuers";
import { pendingOperations } from "./pending";
import { readPolicy } from "./policy";
import { SettingTable } from "./settingTable";

const keyOf = (vault: string, call: Call): ObjectKey => ({ vault, kind: "certificate", name: nameOf(call) });

/** A certificate's version, or the one that is still to come where none is there yet. Throws 404. */
function shown(call: Call, vault: string, parts: CertificateParts): ObjectVersion {
  const making = parts.pending.find(vault, nameOf(call));
  const [key, asked] = [keyOf(vault, call), versionOf(call)];
  const fits = making?.status === "inProgress" && (asked ?? making.version) === making.version;
  if (making !== undefined && fits && !(asked === undefined && parts.objects.find(key))) return toBe(making);
  return existing(call, vault, "certificate", parts);
}

/** List with the pending ones among the others (`includePending=true`), in the order of their names. */
function list(call: Call, parts: CertificateParts): Answer {
  const scene = authorize(call, { kind: "certificate", action: "list" }, parts);
  const vault = scene.vault.key;
  const page = pageRequest(call);
  const top = page.size + 1;
  const standing = parts.objects.list(vault, "certificate", { deleted: false, after: page.after, top });
  const asked = call.query.get("includepending")?.toLowerCase() === "true";
  const names = new Set(standing.map(({ name }) => name.toLowerCase()));
  const pending = (asked ? parts.pending.list(vault, page.after, top) : [])
    .filter(({ name, status }) => status === "inProgress" && !names.has(name.toLowerCase()))
    .map(toBe);
  const mark = ({ name }: ObjectVersion): string => name.toLowerCase();
  const found = [...standing, ...pending].sort((a, b) => (mark(a) < mark(b) ? -1 : 1)).slice(0, top);
  const face = certificateFace(parts);
  return pageAnswer(call, scene.vault, page, found, (each) => face.item(each, scene, false), mark);
}

function policyOperations(parts: CertificateParts): Operation[] {
  const answer = (call: Call, action: "get" | "update"): Answer => {
    const { vault } = authorize(call, { kind: "certificate", action }, parts);
    const key = keyOf(vault.key, call);
    const making = parts.pending.find(key.vault, key.name);
    const standing = parts.objects.find(key) || making?.status === "inProgress" ? policyOf(key, parts) : undefined;
    if (standing === undefined) throw notFound("certificate", key.name);
    if (action === "update") {
      const policy = readPolicy(objectBody(call), vault, standing);
      if (parts.objects.find(key)) keepPolicy(key, policy, parts);
      else if (making) parts.pending.save({ ...making, policy }, parts.pending.material(making));
    }
    return { status: 200, body: policyBody(key.name, policyOf(key, parts) ?? standing, vault) };
  };
  const path = "/certificates/:name/policy";
  return [
    { name: "GetCertificatePolicy", method: "GET", path, handle: (call) => answer(call, "get") },
    { name: "UpdateCertificatePolicy", method: "PATCH", path, handle: (call) => answer(call, "update") },
  ];
}

/** The operations that all kinds have, with what a certificate does besides. */
function commonOperations(parts: CertificateParts): Operation[] {
  const { objects, store, pending } = parts;
  const face = certificateFace(parts);
  /** A pending certificate that never was one is deleted as what it is: without a certificate. */
  const remove = (call: Call, handle: Operation["handle"]) => {
    const { vault } = authorize(call, { kind: "certificate", action: "delete" }, parts);
    const key = keyOf(vault.key, call);
    return store.transaction(() => {
      const making = pending.find(key.vault, key.name);
      if (making && objects.state(key) === undefined) {
        const { version, tags } = making;
        objects.add(key, { version, tags, attributes: { enabled: false }, detail: {} });
        keepPolicy(key, making.policy, parts);
      }
      pending.remove(key.vault, key.name);
      return handle(call);
    });
  };
  /**
   * Key and secret follow the certificate: enabled and tags; a policy may come along. When it begins and ends the
   * certificate says, whatever is asked.
   */
  const update = (call: Call, handle: Operation["handle"]) => {
    const { vault } = authorize(call, { kind: "certificate", action: "update" }, parts);
    const certificate = existing(call, vault.key, "certificate", parts);
    const { policy, ...body } = objectBody(call);
    const { enabled } = readAttributes(body.attributes);
    const asked: Call = { ...call, body: { ...body, attributes: enabled === undefined ? {} : { enabled } } };
    return store.transaction(() => {
      const standing = policyOf(certificate, parts);
      if (policy !== undefined && policy !== null) keepPolicy(certificate, readPolicy(policy, vault, standing), parts);
      const answer = handle(asked);
      const changed = objects.find(certificate, certificate.version);
      for (const kind of ["key", "secret"] as const) {
        const companion = objects.find({ ...certificate, kind }, certificate.version);
        if (companion === undefined || changed === undefined) continue;
        const { attributes, tags } = changed;
        objects.update(companion, { attributes: { enabled: attributes.enabled }, tags });
      }
      return answer;
    });
  };
  const more: Readonly<Record<string, (call: Call, handle: Operation["handle"]) => Answer | Promise<Answer>>> = {
    DeleteCertificate: remove,
    UpdateCertificate: update,
    "UpdateCertificate (latest)": update,
    GetCertificates: (call) => list(call, parts),
  };
  return objectOperations(face, parts).map((operation) => {
    const extra = more[operation.name];
    return extra === undefined ? operation : { ...operation, handle: (call: Call) => extra(call, operation.handle) };
  });
}

/** Certificates of vaults (REST reference, "Certificates"). */
export function certificateOperations(lifetimes: Lifetimes, parts: CertificateParts): Operation[] {
  const settings = new SettingTable(parts);
  const face = certificateFace(parts);
  const get = (call: Call): Answer => {
    const scene = authorize(call, { kind: "certificate", action: "get" }, parts);
    return { status: 200, body: face.bundle(shown(call, scene.vault.key, parts), scene) };
  };
  const operations: Operation[] = [
    ...commonOperations(parts),
    { name: "GetCertificate", method: "GET", path: "/certificates/:name/:version", handle: get },
    { name: "GetCertificate (latest)", method: "GET", path: "/certificates/:name", handle: get },
    ...createOperations(parts, settings),
    ...pendingOperations(parts),
    ...policyOperations(parts),
  ];
  return [
    ...lookingFirst("certificate", operations, lifetimes, parts),
    ...issuerOperations(settings, parts),
    ...contactOperations(settings, parts),
  ];
}
