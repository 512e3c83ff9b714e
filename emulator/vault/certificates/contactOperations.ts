import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { objectBody } from "../objects/objectRequest";
import { authorized } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, vaultError } from "../vaultErrors";
import type { SettingStore } from "./certificateSettingStore";

function readContacts(body: JsonObject): readonly JsonObject[] {
  const { contacts } = body;
  if (!Array.isArray(contacts) || contacts.length === 0) {
    throw badParameter("Property contacts must be a list with at least one contact.");
  }
  return contacts.map((each: unknown) => {
    const { email, name, phone } = isObject(each) ? each : {};
    if (typeof email !== "string" || !email.includes("@")) {
      throw badParameter("Property contacts.email must be an email address.");
    }
    return {
      email,
      name: typeof name === "string" ? name : undefined,
      phone: typeof phone === "string" ? phone : undefined,
    };
  });
}

/** Certificate contacts (REST reference, "Set Certificate Contacts"): stored, but never notified. */
export function contactOperations(settings: SettingStore, deps: VaultDependencies): Operation[] {
  const handler = (work: (vault: VaultRecord, request: Request) => JsonObject) =>
    authorized({ kind: "certificate", action: "manageContacts" }, deps, (request, { vault }) => ({
      status: 200,
      body: { id: `https://${vault.hostName}/certificates/contacts`, ...work(vault, request) },
    }));
  const existing = (vault: VaultRecord): JsonObject => {
    const found = settings.find(vault.key, "contacts", "");
    if (found !== undefined) return found;
    throw vaultError(404, "ContactsNotFound", "Contacts not found");
  };
  const set = handler((vault, request) => {
    const body = { contacts: readContacts(objectBody(request)) };
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
