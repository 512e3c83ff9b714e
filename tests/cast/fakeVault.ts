import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { AzureError } from "../../azure/clients/azureError";
import type { DeletedVault } from "../../azure/clients/deletedVaultClient";
import type { VaultBody } from "../../azure/clients/vaultClient";
import type { CertificateBundle, Deleted, KeyBundle, KeyOrder, SecretBundle } from "../../azure/wire/vaultBundle";
import { readCertificates } from "../../certs/certificate";
import { signWith } from "../../emulator/vault/keys/keyCryptography";
import { type KeyMaterial, materialOf } from "../../emulator/vault/keys/keyMaterial";
import type { AzureGateway } from "../../providers/handlers/resource/azureGateway";
import { rsaKey } from "./rsaKeys";

interface Stored<B> {
  readonly bundle: B;
  readonly key?: KeyMaterial;
}

/** Objects of one kind: versions by name, oldest first, and the same of what is deleted. */
interface Shelf<B> {
  readonly live: Map<string, Stored<B>[]>;
  readonly deleted: Map<string, Stored<B>[]>;
}

const fail = (status: number, code: string, innerCode?: string): never => {
  throw new AzureError("vault", "do what the test asks", { status, code, ...(innerCode ? { innerCode } : {}) });
};

const PURGED_AT = Math.floor(new Date("2026-05-30T12:00:00Z").getTime() / 1000);

const newRsaKey = (bits = 2048): KeyObject =>
  bits === 2048 ? rsaKey() : generateKeyPairSync("rsa", { modulusLength: bits }).privateKey;

/** A vault in memory that signs for real, keeps deleted objects, and can delay or forbid calls. */
export class FakeVault {
  readonly uri = "https://vault-1.vault.azure.net";
  readonly keys: Shelf<KeyBundle> = { live: new Map(), deleted: new Map() };
  readonly certificates: Shelf<CertificateBundle> = { live: new Map(), deleted: new Map() };
  /** Keys of certificates, by id. */
  readonly secrets = new Map<string, SecretBundle>();
  /** Secrets that were set. */
  readonly setSecrets: Shelf<SecretBundle> = { live: new Map(), deleted: new Map() };
  /** Vaults by their ARM IDs. */
  readonly vaults = new Map<string, VaultBody>();
  /** Vaults that are deleted, by name. */
  readonly deletedVaults = new Map<string, DeletedVault>();
  /** One line a call that changes or signs. */
  readonly calls: string[] = [];
  /** Calls that are still forbidden, as before a role has arrived. */
  forbidden = 0;
  /** Whether there is no such vault any more. */
  isGone = false;
  /** Looks until a deleted vault that is purged is gone. */
  purgeLooks = 1;
  #versions = 0;

  /** The clients of a gateway for the vault. */
  gateway(): Pick<AzureGateway, "vaultKeys" | "vaultCertificates" | "vaultSecrets" | "vault" | "deletedVault"> {
    return {
      vaultKeys: () => ({
        ...this.#life("key", this.keys),
        create: async (name, order) => {
          this.#blocked(`create key ${name}`, this.keys, name);
          return this.#newKey(name, order);
        },
        update: async (name, version, { enabled, tags }) => {
          this.calls.push(`${enabled ? "enable" : "disable"} key ${name}`);
          return this.#change(name, version, enabled, tags);
        },
        sign: async (name, version, alg, digest) => {
          this.calls.push(`sign ${name} ${alg}`);
          const found = this.#find(this.keys, name, version);
          if (found?.key === undefined) return fail(404, "KeyNotFound");
          if (found.bundle.attributes?.enabled === false) return fail(403, "Forbidden", "KeyDisabled");
          const { jwk, curve } = found.key;
          const shape = { kid: found.bundle.key.kid, kty: jwk.kty, crv: curve?.name };
          return signWith({ shape, material: found.key }, alg, Buffer.from(digest));
        },
        unwrap: () => fail(403, "Forbidden"),
      }),
      vaultCertificates: () => ({
        ...this.#life("certificate", this.certificates),
        importPem: async (name, pem, tags) => {
          this.#blocked(`import certificate ${name}`, this.certificates, name);
          const version = this.#version();
          const id = `${this.uri}/certificates/${name}/${version}`;
          const sid = `${this.uri}/secrets/${name}/${version}`;
          const [leaf] = readCertificates(pem);
          const bundle = { id, sid, cer: leaf?.raw.toString("base64") ?? "", attributes: { enabled: true }, tags };
          this.certificates.live.set(name, [...(this.certificates.live.get(name) ?? []), { bundle }]);
          this.secrets.set(sid, { id: sid, value: pem, contentType: "application/x-pem-file" });
          return bundle;
        },
      }),
      vaultSecrets: () => ({
        ...this.#life("secret", this.setSecrets),
        get: async (name, version) => {
          this.#permit();
          const found = this.#find(this.setSecrets, name, version)?.bundle;
          if (found?.attributes?.enabled === false) return fail(403, "Forbidden", "SecretDisabled");
          return found ?? this.secrets.get(`${this.uri}/secrets/${name}/${version}`);
        },
        set: async (name, value, more) => {
          this.#blocked(`set secret ${name}`, this.setSecrets, name);
          return this.setSecret(name, value, more);
        },
        update: async (name, version, { enabled, tags }) => {
          this.calls.push(`${enabled ? "enable" : "mark"} secret ${name}`);
          this.changeSecret(name, version, { ...(enabled && { attributes: { enabled } }), ...(tags && { tags }) });
        },
      }),
      vault: (id) => ({ get: async () => this.vaults.get(id) }),
      deletedVault: (_subscription, _location, name) => ({
        get: async () => {
          const found = this.deletedVaults.get(name);
          if (found && this.calls.includes(`purge vault ${name}`)) {
            this.purgeLooks -= 1;
            if (this.purgeLooks < 0) this.deletedVaults.delete(name);
          }
          return this.deletedVaults.get(name);
        },
        purge: async () => {
          this.calls.push(`purge vault ${name}`);
        },
      }),
    };
  }

  /** As if someone had set this secret, or a new version of it. */
  setSecret(name: string, value: string, more: Partial<SecretBundle> = {}): SecretBundle {
    const id = `${this.uri}/secrets/${name}/${this.#version()}`;
    const bundle = { id, value, attributes: { enabled: true }, ...more };
    this.setSecrets.live.set(name, [...(this.setSecrets.live.get(name) ?? []), { bundle }]);
    return bundle;
  }

  /** Changes a version of a secret, or the newest. */
  changeSecret(name: string, version: string, more: Partial<SecretBundle>): void {
    const found = this.#find(this.setSecrets, name, version) ?? fail(404, "SecretNotFound");
    const all = this.setSecrets.live.get(name) ?? [];
    this.setSecrets.live.set(
      name,
      all.map((each) => (each === found ? { bundle: { ...found.bundle, ...more } } : each)),
    );
  }

  /** As if someone had made this key in the vault. */
  addKey(name: string, tags: Readonly<Record<string, string>> = {}, kind: Partial<KeyOrder> = {}): KeyBundle {
    return this.#newKey(name, { kty: "EC", crv: "P-256", key_ops: ["sign"], tags, ...kind });
  }

  /** Returns the version IDs of a key that is not deleted, oldest first. */
  versions(name: string): readonly string[] {
    return (this.keys.live.get(name) ?? []).map(({ bundle }) => bundle.key.kid);
  }

  #permit(): void {
    if (this.isGone) fail(421, "VaultNotFound");
    if (this.forbidden === 0) return;
    this.forbidden -= 1;
    fail(403, "Forbidden", "ForbiddenByRbac");
  }

  #version(): string {
    this.#versions += 1;
    return createHash("md5").update(String(this.#versions)).digest("hex");
  }

  #blocked<B>(call: string, shelf: Shelf<B>, name: string): void {
    this.calls.push(call);
    this.#permit();
    if (shelf.deleted.has(name)) fail(409, "Conflict", "ObjectIsDeletedButRecoverable");
  }

  #find<B>({ live }: Shelf<B>, name: string, version = ""): Stored<B> | undefined {
    const all = live.get(name) ?? [];
    return version === ""
      ? all.at(-1)
      : all.find(({ bundle }) => JSON.stringify(bundle).includes(`/${name}/${version}"`));
  }

  #life<B>(kind: string, shelf: Shelf<B>) {
    const { live, deleted } = shelf;
    const move = (from: typeof live, to: typeof live, name: string) => {
      const all = from.get(name);
      if (all) to.set(name, all);
      from.delete(name);
    };
    return {
      get: async (name: string, version?: string) => {
        this.#permit();
        return this.#find(shelf, name, version)?.bundle;
      },
      getDeleted: async (name: string): Promise<(B & Deleted) | undefined> => {
        const bundle = deleted.get(name)?.at(-1)?.bundle;
        return bundle && { ...bundle, scheduledPurgeDate: PURGED_AT };
      },
      delete: async (name: string) => {
        this.calls.push(`delete ${kind} ${name}`);
        const isThere = live.has(name);
        move(live, deleted, name);
        return isThere;
      },
      recover: async (name: string) => {
        this.calls.push(`recover ${kind} ${name}`);
        move(deleted, live, name);
      },
      purge: async (name: string) => {
        this.calls.push(`purge ${kind} ${name}`);
        deleted.delete(name);
      },
    };
  }

  #newKey(name: string, order: KeyOrder): KeyBundle {
    const material = materialOf(
      order.kty === "RSA"
        ? newRsaKey(order.key_size)
        : generateKeyPairSync("ec", { namedCurve: order.crv ?? "P-256" }).privateKey,
    );
    const kid = `${this.uri}/keys/${name}/${this.#version()}`;
    const key = { kid, ...material.jwk };
    const bundle: KeyBundle = { key, attributes: { enabled: true }, tags: order.tags };
    this.keys.live.set(name, [...(this.keys.live.get(name) ?? []), { bundle, key: material }]);
    return bundle;
  }

  #change(name: string, version: string, enabled: boolean, tags: KeyBundle["tags"]): KeyBundle {
    const all = this.keys.live.get(name) ?? [];
    const found = this.#find(this.keys, name, version);
    if (!found) return fail(404, "KeyNotFound");
    const attributes = { ...found.bundle.attributes, enabled };
    const next = { ...found, bundle: { ...found.bundle, attributes, ...(tags && { tags }) } };
    this.keys.live.set(
      name,
      all.map((each) => (each === found ? next : each)),
    );
    return next.bundle;
  }
}
