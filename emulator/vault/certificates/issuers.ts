import type { Answer, Call, Operation } from "../../kernel/call";
import { unixSeconds } from "../../kernel/clock";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { authorize } from "../authorize";
import { badParameter, vaultError } from "../errors";
import { objectBody } from "../objects";
import { isObject, type JsonObject } from "../objects/attributes";
import { nameOf } from "../objects/names";
import { pageAnswer, pageRequest } from "../objects/page";
import type { VaultParts } from "../parts";
import type { SettingTable } from "./settingTable";

const idOf = ({ hostName }: VaultRecord, name: string): string => `https://${hostName}/certificates/issuers/${name}`;

/** An issuer as it is kept: with its name. The password of its account is never used here, so it is not kept. */
function readIssuer(body: JsonObject, name: string, standing: JsonObject | undefined, now: number): JsonObject {
  const provider = body.provider ?? standing?.provider;
  if (typeof provider !== "string" || provider === "") {
    throw badParameter("Property provider has invalid value: it is a text, DigiCert or GlobalSign.");
  }
  const attributes = isObject(body.attributes) ? body.attributes : {};
  const before = isObject(standing?.attributes) ? standing.attributes : {};
  const account = isObject(body.credentials) ? body.credentials.account_id : undefined;
  const credentials = account === undefined ? standing?.credentials : { account_id: account };
  const organisation = body.org_details ?? standing?.org_details;
  return {
    name,
    provider,
    ...(credentials === undefined ? {} : { credentials }),
    ...(organisation === undefined ? {} : { org_details: organisation }),
    attributes: {
      enabled: attributes.enabled ?? before.enabled ?? true,
      created: before.created ?? now,
      updated: now,
    },
  };
}

/** Issuers of certificates (REST reference, "Set Certificate Issuer" and its like): kept, and never asked for anything. */
export function issuerOperations(settings: SettingTable, parts: VaultParts): Operation[] {
  const bundle = ({ name, ...rest }: JsonObject, vault: VaultRecord): JsonObject => ({
    id: idOf(vault, String(name)),
    ...rest,
  });
  const existing = (call: Call, vault: VaultRecord): JsonObject => {
    const found = settings.find(vault.key, "issuer", nameOf(call));
    if (found !== undefined) return found;
    throw vaultError(404, "CertificateIssuerNotFound", "Issuer not found");
  };
  const save = (call: Call, vault: VaultRecord, standing: JsonObject | undefined): Answer => {
    const issuer = readIssuer(objectBody(call), nameOf(call), standing, unixSeconds(parts.clock));
    settings.save(vault.key, "issuer", nameOf(call), issuer);
    return { status: 200, body: bundle(issuer, vault) };
  };
  const path = "/certificates/issuers/:name";
  return [
    {
      name: "GetCertificateIssuers",
      method: "GET",
      path: "/certificates/issuers",
      handle(call) {
        const { vault } = authorize(call, { kind: "certificate", action: "listIssuers" }, parts);
        const page = pageRequest(call);
        const found = settings.list(vault.key, "issuer", page.after, page.size + 1);
        const item = (each: JsonObject) => ({ id: idOf(vault, String(each.name)), provider: each.provider });
        return pageAnswer(call, vault, page, found, item, ({ name }) => String(name).toLowerCase());
      },
    },
    {
      name: "GetCertificateIssuer",
      method: "GET",
      path,
      handle(call) {
        const { vault } = authorize(call, { kind: "certificate", action: "getIssuers" }, parts);
        return { status: 200, body: bundle(existing(call, vault), vault) };
      },
    },
    {
      name: "SetCertificateIssuer",
      method: "PUT",
      path,
      handle(call) {
        const { vault } = authorize(call, { kind: "certificate", action: "setIssuers" }, parts);
        return save(call, vault, undefined);
      },
    },
    {
      name: "UpdateCertificateIssuer",
      method: "PATCH",
      path,
      handle(call) {
        const { vault } = authorize(call, { kind: "certificate", action: "setIssuers" }, parts);
        return save(call, vault, existing(call, vault));
      },
    },
    {
      name: "DeleteCertificateIssuer",
      method: "DELETE",
      path,
      handle(call) {
        const { vault } = authorize(call, { kind: "certificate", action: "deleteIssuers" }, parts);
        const issuer = existing(call, vault);
        settings.remove(vault.key, "issuer", nameOf(call));
        return { status: 200, body: bundle(issuer, vault) };
      },
    },
  ];
}
