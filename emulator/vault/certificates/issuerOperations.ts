import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { unixSeconds } from "../../kernel/clock";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { objectBody } from "../objects/objectBody";
import { nameOf } from "../objects/objectNames";
import { pageRequest, pageResponse } from "../objects/objectPage";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, vaultError } from "../vaultErrors";
import type { SettingStore } from "./certificateSettingStore";

const idOf = ({ hostName }: VaultRecord, name: string): string => `https://${hostName}/certificates/issuers/${name}`;

/** Returns the stored form of an issuer: with its name, without its account's password, which is not used here. */
function readIssuer(body: JsonObject, name: string, current: JsonObject | undefined, now: number): JsonObject {
  const provider = body.provider ?? current?.provider;
  if (typeof provider !== "string" || provider === "") {
    throw badParameter("Property provider must be a string, such as DigiCert or GlobalSign.");
  }
  const attributes = isObject(body.attributes) ? body.attributes : {};
  const before = isObject(current?.attributes) ? current.attributes : {};
  const account = isObject(body.credentials) ? body.credentials.account_id : undefined;
  return {
    name,
    provider,
    credentials: account === undefined ? current?.credentials : { account_id: account },
    org_details: body.org_details ?? current?.org_details,
    attributes: {
      enabled: attributes.enabled ?? before.enabled ?? true,
      created: before.created ?? now,
      updated: now,
    },
  };
}

/** Issuers of certificates (REST reference, "Set Certificate Issuer" and related operations): stored, but never called. */
export function issuerOperations(settings: SettingStore, deps: VaultDependencies): Operation[] {
  const bundle = ({ name, ...rest }: JsonObject, vault: VaultRecord): JsonObject => ({
    id: idOf(vault, String(name)),
    ...rest,
  });
  const existing = (request: Request, vault: VaultRecord): JsonObject => {
    const found = settings.find(vault.key, "issuer", nameOf(request));
    if (found !== undefined) return found;
    throw vaultError(404, "CertificateIssuerNotFound", "Issuer not found");
  };
  const save = (request: Request, vault: VaultRecord, current: JsonObject | undefined): Response => {
    const issuer = readIssuer(objectBody(request), nameOf(request), current, unixSeconds(deps.clock));
    settings.save(vault.key, "issuer", nameOf(request), issuer);
    return { status: 200, body: bundle(issuer, vault) };
  };
  const path = "/certificates/issuers/:name";
  return [
    {
      name: "GetCertificateIssuers",
      method: "GET",
      path: "/certificates/issuers",
      handle(request) {
        const { vault } = authorize(request, { kind: "certificate", action: "listIssuers" }, deps);
        const page = pageRequest(request);
        const found = settings.list(vault.key, "issuer", page.after, page.size + 1);
        const item = (each: JsonObject) => ({ id: idOf(vault, String(each.name)), provider: each.provider });
        return pageResponse(request, vault, page, found, item, ({ name }) => String(name).toLowerCase());
      },
    },
    {
      name: "GetCertificateIssuer",
      method: "GET",
      path,
      handle(request) {
        const { vault } = authorize(request, { kind: "certificate", action: "getIssuers" }, deps);
        return { status: 200, body: bundle(existing(request, vault), vault) };
      },
    },
    {
      name: "SetCertificateIssuer",
      method: "PUT",
      path,
      handle(request) {
        const { vault } = authorize(request, { kind: "certificate", action: "setIssuers" }, deps);
        return save(request, vault, undefined);
      },
    },
    {
      name: "UpdateCertificateIssuer",
      method: "PATCH",
      path,
      handle(request) {
        const { vault } = authorize(request, { kind: "certificate", action: "setIssuers" }, deps);
        return save(request, vault, existing(request, vault));
      },
    },
    {
      name: "DeleteCertificateIssuer",
      method: "DELETE",
      path,
      handle(request) {
        const { vault } = authorize(request, { kind: "certificate", action: "deleteIssuers" }, deps);
        const issuer = existing(request, vault);
        settings.remove(vault.key, "issuer", nameOf(request));
        return { status: 200, body: bundle(issuer, vault) };
      },
    },
  ];
}
