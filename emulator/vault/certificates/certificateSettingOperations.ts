import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { unixSeconds } from "../../kernel/clock";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { type Page, pageResponse } from "../objects/objectPage";
import { nameOf, readBody } from "../objects/objectRequest";
import { authorized } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, vaultError } from "../vaultErrors";

type Kind = "issuer" | "contacts";

const TABLE = "vault_setting";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS vault_setting (
  vault TEXT NOT NULL,
  kind TEXT NOT NULL,
  name_key TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (vault, kind, name_key)
) WITHOUT ROWID;
`;

/** A vault's certificate settings: issuers by name, and one list of contacts. */
export class SettingStore {
  constructor(private readonly deps: Pick<VaultDependencies, "database" | "vaults">) {
    deps.database.define(SCHEMA);
    deps.vaults.onVaultPurged((vault) => {
      deps.database.remove(TABLE, { vault });
    });
  }

  find(vault: string, kind: Kind, name: string): JsonObject | undefined {
    const row = this.deps.database.find(TABLE, { vault, kind, name_key: name.toLowerCase() });
    return row && (JSON.parse(String(row.body)) as JsonObject);
  }

  /** In the order of names, after one (lower case). */
  list(vault: string, kind: Kind, after: string, top: number): JsonObject[] {
    const sql =
      "SELECT body FROM vault_setting WHERE vault = ? AND kind = ? AND name_key > ? ORDER BY name_key LIMIT ?";
    const rows = this.deps.database.all(sql, vault, kind, after, top);
    return rows.map(({ body }) => JSON.parse(String(body)) as JsonObject);
  }

  save(vault: string, kind: Kind, name: string, body: JsonObject): void {
    this.deps.database.put(TABLE, { vault, kind, name_key: name.toLowerCase(), body: JSON.stringify(body) });
  }

  remove(vault: string, kind: Kind, name: string): void {
    this.deps.database.remove(TABLE, { vault, kind, name_key: name.toLowerCase() });
  }
}

const idOf = ({ hostName }: VaultRecord, name: string): string => `https://${hostName}/certificates/issuers/${name}`;

/** Returns the stored form of an issuer: with its name, without its account's password, which is not used here. */
function readIssuer(body: JsonObject, name: string, current: JsonObject | undefined, now: number): JsonObject {
  const provider = body.provider ?? current?.provider ?? undefined;
  if (provider === undefined) {
    throw badParameter("Property provider must be a string, such as DigiCert or GlobalSign.");
  }
  const attributes = isObject(body.attributes) ? body.attributes : {};
  const before = isObject(current?.attributes) ? current.attributes : {};
  const account = isObject(body.credentials) ? body.credentials.account_id : undefined;
  return {
    name,
    provider,
    credentials: (account ?? undefined) === undefined ? current?.credentials : { account_id: account },
    org_details: isObject(body.org_details)
      ? { ...(isObject(current?.org_details) && { id: current.org_details.id }), ...body.org_details }
      : current?.org_details,
    attributes: {
      enabled: attributes.enabled ?? before.enabled ?? true,
      created: before.created ?? now,
      updated: now,
    },
  };
}

/** Issuers of certificates (REST reference, "Set Certificate Issuer" and related operations): stored, but never called. */
export function issuerOperations(settings: SettingStore, deps: VaultDependencies): Operation[] {
  const bundle = ({ name, ...rest }: JsonObject, vault: VaultRecord): Response =>
    ok({ id: idOf(vault, String(name)), ...rest });
  const existing = (request: Request, vault: VaultRecord): JsonObject => {
    const found = settings.find(vault.key, "issuer", nameOf(request));
    if (found !== undefined) return found;
    throw vaultError(404, "CertificateIssuerNotFound", "Issuer not found");
  };
  const save = (request: Request, vault: VaultRecord, current: JsonObject | undefined): Response => {
    const issuer = readIssuer(readBody(request, "keyVault.issuer"), nameOf(request), current, unixSeconds(deps.clock));
    settings.save(vault.key, "issuer", nameOf(request), issuer);
    return bundle(issuer, vault);
  };
  const list = authorized({ kind: "certificate", action: "listIssuers" }, deps, (request, context) => {
    const find = ({ after, top }: Page) => settings.list(context.vault.key, "issuer", after, top);
    const item = (each: JsonObject) => ({ id: idOf(context.vault, String(each.name)), provider: each.provider });
    return pageResponse(request, context, find, item, ({ name }) => String(name).toLowerCase());
  });
  const get = authorized({ kind: "certificate", action: "getIssuers" }, deps, (request, { vault }) =>
    bundle(existing(request, vault), vault),
  );
  const set = authorized({ kind: "certificate", action: "setIssuers" }, deps, (request, { vault }) =>
    save(request, vault, undefined),
  );
  const update = authorized({ kind: "certificate", action: "setIssuers" }, deps, (request, { vault }) =>
    save(request, vault, existing(request, vault)),
  );
  const remove = authorized({ kind: "certificate", action: "deleteIssuers" }, deps, (request, { vault }) => {
    const issuer = existing(request, vault);
    settings.remove(vault.key, "issuer", nameOf(request));
    return bundle(issuer, vault);
  });
  const [path, issuer] = ["/certificates/issuers", "/certificates/issuers/:name"];
  return [
    { name: "GetCertificateIssuers", method: "GET", path, handle: list },
    { name: "GetCertificateIssuer", method: "GET", path: issuer, handle: get },
    { name: "SetCertificateIssuer", method: "PUT", path: issuer, handle: set },
    { name: "UpdateCertificateIssuer", method: "PATCH", path: issuer, handle: update },
    { name: "DeleteCertificateIssuer", method: "DELETE", path: issuer, handle: remove },
  ];
}

/** Certificate contacts (REST reference, "Set Certificate Contacts"): stored, but never notified. */
export function contactOperations(settings: SettingStore, deps: VaultDependencies): Operation[] {
  const handler = (work: (vault: VaultRecord, request: Request) => JsonObject) =>
    authorized({ kind: "certificate", action: "manageContacts" }, deps, (request, { vault }) =>
      ok({ id: `https://${vault.hostName}/certificates/contacts`, ...work(vault, request) }),
    );
  const existing = (vault: VaultRecord): JsonObject => {
    const found = settings.find(vault.key, "contacts", "");
    if (found !== undefined) return found;
    throw vaultError(404, "ContactsNotFound", "Contacts not found");
  };
  const set = handler((vault, request) => {
    const contacts = readBody(request, "keyVault.setContacts").contacts as readonly JsonObject[];
    const body = { contacts: contacts.map(({ email, name, phone }) => ({ email, name, phone })) };
    settings.save(vault.key, "contacts", "", body);
    return body;
  });
  const remove = handler((vault) => {
    const body = existing(vault);
    settings.remove(vault.key, "contacts", "");
    return body;
  });
  const path = "/certificates/contacts";
  return [
    { name: "GetCertificateContacts", method: "GET", path, handle: handler(existing) },
    { name: "SetCertificateContacts", method: "PUT", path, handle: set },
    { name: "DeleteCertificateContacts", method: "DELETE", path, handle: remove },
  ];
}
