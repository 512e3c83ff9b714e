import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { isObject } from "../../azure/wire/jsonObject";
import { readIfThere, readStored, writeWhole } from "../kernel/stateFile";

/** The one tenant of a local Azure: created once for a state folder. A reset does not change it. */
export interface Tenant {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** The application that signs in. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The application's service principal. */
  readonly objectId: string;
}

const isTenant = (value: unknown): value is Tenant =>
  isObject(value) &&
  ["tenantId", "subscriptionId", "clientId", "clientSecret", "objectId"].every(
    (name) => typeof value[name] === "string",
  );

/** A new tenant with random IDs and a random client secret. */
export function newTenant(): Tenant {
  return {
    tenantId: randomUUID(),
    subscriptionId: randomUUID(),
    clientId: randomUUID(),
    // The shape of Entra's own client secrets: 40 characters, some of them punctuation.
    clientSecret: `lz~8Q~${randomBytes(26).toString("base64url").slice(0, 34)}`,
    objectId: randomUUID(),
  };
}

/** Opens `tenant.json` (mode 0600) in `directory`, and creates it the first time. */
export function openTenant(directory: string): Tenant {
  const file = join(directory, "tenant.json");
  const text = readIfThere(file);
  if (text !== undefined) {
    const remedy = "restore it, or begin with an empty local Azure: npm run down -- --force, then npm run up";
    return readStored(file, remedy, () => {
      const stored: unknown = JSON.parse(text);
      if (isTenant(stored)) return stored;
      throw new TypeError("it is not a tenant");
    });
  }
  const made = newTenant();
  writeWhole(file, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}
