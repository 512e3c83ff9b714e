import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { objectBody } from "../objects/objectBody";
import { authorize } from "../vaultAuthorization";
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
  const within = (request: Request, work: (vault: VaultRecord) => JsonObject): Response => {
    const { vault } = authorize(request, { kind: "certificate", action: "manageContacts" }, deps);
    return { status: 200, body: { id: `https://${vault.hostName}/certificates/contacts`, ...work(vault) } };
  };
  const existing = (vault: VaultRecord): JsonObject => {
    const found = settings.find(vault.key, "contacts", "");
    if (found !== undefined) return found;
    throw vaultError(404, "ContactsNotFound", "Contacts not found");
  };
  const path = "/certificates/contacts";
  return [
    { name: "GetCertificateContacts", method: "GET", path, handle: (request) => within(request, existing) },
    {
      name: "SetCertificateContacts",
      method: "PUT",
      path,
      handle: (request) =>
        within(request, (vault) => {
          const body = { contacts: readContacts(objectBody(request)) };
          settings.save(vault.key, "contacts", "", body);
          return body;
        }),
    },
    {
      name: "DeleteCertificateContacts",
      method: "DELETE",
      path,
      handle: (request) =>
        within(request, (vault) => {
          const body = existing(vault);
          settings.remove(vault.key, "contacts", "");
          return body;
        }),
    },
  ];
}
