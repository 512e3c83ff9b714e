import type { Answer, Call, Operation } from "../../kernel/call";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { authorize } from "../authorize";
import { badParameter, vaultError } from "../errors";
import { objectBody } from "../objects";
import { isObject, type JsonObject } from "../objects/attributes";
import type { VaultParts } from "../parts";
import type { SettingTable } from "./settingTable";

function readContacts(body: JsonObject): readonly JsonObject[] {
  const { contacts } = body;
  if (!Array.isArray(contacts) || contacts.length === 0) {
    throw badParameter("Property contacts has invalid value: it is a list of at least one.");
  }
  return contacts.map((each: unknown) => {
    const { email, name, phone } = isObject(each) ? each : {};
    if (typeof email !== "string" || !email.includes("@")) {
      throw badParameter("Property contacts.email has invalid value: it is an address.");
    }
    return {
      email,
      ...(typeof name === "string" ? { name } : {}),
      ...(typeof phone === "string" ? { phone } : {}),
    };
  });
}

/** Who is told of certificates (REST reference, "Set Certificate Contacts"): kept, and never written to. */
export function contactOperations(settings: SettingTable, parts: VaultParts): Operation[] {
  const within = (call: Call, work: (vault: VaultRecord) => JsonObject): Answer => {
    const { vault } = authorize(call, { kind: "certificate", action: "manageContacts" }, parts);
    return { status: 200, body: { id: `https://${vault.hostName}/certificates/contacts`, ...work(vault) } };
  };
  const existing = (vault: VaultRecord): JsonObject => {
    const found = settings.find(vault.key, "contacts", "");
    if (found !== undefined) return found;
    throw vaultError(404, "ContactsNotFound", "Contacts not found");
  };
  const path = "/certificates/contacts";
  return [
    { name: "GetCertificateContacts", method: "GET", path, handle: (call) => within(call, existing) },
    {
      name: "SetCertificateContacts",
      method: "PUT",
      path,
      handle: (call) =>
        within(call, (vault) => {
          const kept = { contacts: readContacts(objectBody(call)) };
          settings.save(vault.key, "contacts", "", kept);
          return kept;
        }),
    },
    {
      name: "DeleteCertificateContacts",
      method: "DELETE",
      path,
      handle: (call) =>
        within(call, (vault) => {
          const kept = existing(vault);
          settings.remove(vault.key, "contacts", "");
          return kept;
        }),
    },
  ];
}
