/** Where the keys of a CA live: in the stack's state, or in a vault that signs with them and never gives them out. */
import { createHash } from "node:crypto";
import type { VaultKeysClient } from "../../../azure/clients/vaultKeysClient";
import { readVaultId, vaultIdOf } from "../../../azure/vaultIds";
import type { KeyBundle, KeyOrder, VaultTags } from "../../../azure/wire/vaultBundle";
import type { KeyAlgorithm, KeyAlgorithmName } from "../../../certs/algorithms";
import type { Signer } from "../../../certs/signer";
import type { Like } from "../resource/azureClients";
import type { AzureGateway } from "../resource/azureGateway";
import { canonical } from "../resource/canonicalJson";
import { optionalText, text } from "../resource/fields";
import type { Props } from "../resource/handler";
import {
  type Claim,
  claimName,
  claimOf,
  ignoreLostVault,
  isVaultGone,
  OWNER_TAG,
  releaseName,
  waitFor,
  whenSettled,
} from "../vault/vaultObject";

type Gateway = Pick<AzureGateway, "vaultKeys" | "log" | "pause">;

/** The two CAs of a hierarchy. */
export const CA_TIERS = ["root", "intermediate"] as const;
export type CaTier = (typeof CA_TIERS)[number];

/** The first word of a key's state; an explanation for people follows after a colon. */
export type KeyState = "enabled" | "disabled" | "deleted" | "purged" | "rotated";

/** A CA's key: its signer, and its outputs. */
export interface CaKey {
  readonly signer: Signer;
  readonly outs: Readonly<Record<string, unknown>>;
}

/** Where keys are made. */
export interface CaKeys {
  /** A new key for a tier. */
  make(tier: CaTier): Promise<CaKey>;
}

/** The word that a key's state in the outputs begins with; `enabled` for a key of the stack's state. */
export const keyStateOf = (props: Props, tier: CaTier): KeyState =>
  (optionalText(props, `${tier}KeyState`) ?? "enabled").split(":")[0] as KeyState;

/** Keys made in this process and kept in the stack's state, as secrets. */
export function stateKeys(algorithm: KeyAlgorithmName): CaKeys {
  return {
    async make(tier) {
      const keys = require("../../../certs/keys") as typeof import("../../../certs/keys");
      const { KeySigner } = require("../../../certs/signer") as typeof import("../../../certs/signer");
      const key = await keys.generateKeyPair(algorithm);
      return { signer: new KeySigner(key), outs: { [`${tier}Key`]: keys.exportPrivateKey(key) } };
    },
  };
}

/** The tag that names the CA of a key's version: a replacement has keys of the same names. */
const AUTHORITY_TAG = "zero-touch-authority";

/** What distinguishes a CA from its replacement: a digest of the inputs that replace it when they change. */
const authorityOf = (props: Props): string =>
  createHash("sha256")
    .update(canonical([props.rootName, props.rootLifetimeDays, props.keyAlgorithm]))
    .digest("hex")
    .slice(0, 16);

/** What a vault makes a key from. */
function orderOf(algorithm: KeyAlgorithm, owner: string, authority: string): KeyOrder & { readonly tags: VaultTags } {
  const common = { key_ops: ["sign", "verify"], tags: { [OWNER_TAG]: owner, [AUTHORITY_TAG]: authority } };
  return algorithm.family === "rsa"
    ? { ...common, kty: "RSA", key_size: algorithm.modulusLength }
    : { ...common, kty: "EC", crv: algorithm.webCrypto.namedCurve };
}

/** The keys of a hierarchy in a vault, by the inputs or outputs of its resource. */
export class VaultKeys implements CaKeys {
  readonly #client: Like<VaultKeysClient>;

  /** `props` must have `vaultUri`, `owner` and the keys' names; the keys' ids where there are keys already. */
  constructor(
    private readonly gateway: Gateway,
    private readonly props: Props,
  ) {
    this.#client = gateway.vaultKeys(text(props, "vaultUri"));
  }

  /** A new key, or a new version of an existing one. A recovered one is used as it is if it fits. */
  async make(tier: CaTier): Promise<CaKey> {
    const claim = this.#claim(tier);
    const order = orderOf(this.#algorithm(), claim.owner, authorityOf(this.props));
    const bundle = await whenSettled(this.gateway, claim.name, async () => {
      // A version that a rotation made may lack the tag; the name is ours all the same.
      if (await this.#holds(tier)) return this.#client.create(claim.name, order);
      const recovered = await claimName(this.gateway, this.#client, claim);
      if (recovered === undefined || recovered.attributes?.enabled === false || !this.#fits(recovered))
        return this.#client.create(claim.name, order);
      // Perhaps it was another CA's: from now on it is this one's.
      if (recovered.tags?.[AUTHORITY_TAG] !== order.tags[AUTHORITY_TAG]) {
        const tags = { ...recovered.tags, ...order.tags };
        await this.#client.update(claim.name, vaultIdOf("keys", recovered.key.kid).version, { enabled: true, tags });
      }
      return recovered;
    });
    return this.#asKey(tier, bundle);
  }

  /** The newest version, which someone else made. Undefined where it is another kind of key. */
  async newest(tier: CaTier): Promise<CaKey | undefined> {
    const bundle = await this.#client.get(this.#claim(tier).name);
    return bundle !== undefined && this.#fits(bundle) ? this.#asKey(tier, bundle) : undefined;
  }

  /** The state in the vault of the key that the outputs name, as text for them. */
  async state(tier: CaTier): Promise<string> {
    try {
      return await this.#look(tier);
    } catch (error) {
      if (isVaultGone(error)) return "deleted: the whole vault is; `pulumi up` recovers both where it can";
      throw error;
    }
  }

  async #look(tier: CaTier): Promise<string> {
    const { name, version } = this.#id(tier);
    const bundle = await this.#client.get(name, version);
    if (bundle?.attributes?.enabled === false) return "disabled: it signs nothing; `pulumi up` enables it again";
    if (bundle !== undefined) {
      // The root is what devices and services trust: it stays with its key. An intermediate follows a rotation.
      const newest = tier === "root" ? bundle : await this.#client.get(name);
      const isNewest =
        newest === undefined || newest.key.kid === bundle.key.kid || newest.attributes?.enabled === false;
      return isNewest ? "enabled" : "rotated: the key has a newer version; `pulumi up` issues an intermediate for it";
    }
    const deleted = await this.#client.getDeleted(name);
    if (deleted !== undefined) {
      const until = deleted.scheduledPurgeDate;
      const when = until === undefined ? "" : `, possible until ${new Date(until * 1000).toISOString().slice(0, 10)}`;
      return `deleted: it signs nothing; \`pulumi up\` recovers it${when}`;
    }
    return tier === "root"
      ? "purged: it is lost; `pulumi up` replaces the root and all below it by new ones"
      : "purged: it is lost; `pulumi up` makes a new key and issues an intermediate for it";
  }

  /** Enables a disabled key, recovers a deleted one, and returns its state. */
  async heal(tier: CaTier): Promise<string> {
    const { name, version } = this.#id(tier);
    if ((await this.#client.get(name, version)) === undefined && (await this.#client.getDeleted(name)) !== undefined) {
      await this.#client.recover(name);
      await waitFor(this.gateway, `"${name}" to be recovered`, () => this.#client.get(name, version));
    }
    const bundle = await this.#client.get(name, version);
    if (bundle?.attributes?.enabled === false) await this.#client.update(name, version, { enabled: true });
    return this.state(tier);
  }

  /** Deletes the key with all its versions, unless a later one has been made for a CA that took this one's place. */
  async release(tier: CaTier): Promise<void> {
    await this.#release(tier).catch(ignoreLostVault(this.gateway, this.props, this.#claim(tier).name));
  }

  async #release(tier: CaTier): Promise<void> {
    const claim = this.#claim(tier);
    const newest = await this.#client.get(claim.name);
    if (optionalText(this.props, `${tier}KeyId`) === undefined) {
      // A create that stopped may have made the key, and its response was lost.
      if (newest?.tags?.[OWNER_TAG] === claim.owner) await releaseName(this.gateway, this.#client, claim);
      return;
    }
    const { version } = this.#id(tier);
    if (newest === undefined || vaultIdOf("keys", newest.key.kid).version === version) {
      return releaseName(this.gateway, this.#client, claim);
    }
    const authority = newest.tags?.[AUTHORITY_TAG] ?? authorityOf(this.props);
    if (keyStateOf(this.props, tier) === "rotated" && authority === authorityOf(this.props))
      return releaseName(this.gateway, this.#client, claim);
    if ((await this.#client.get(claim.name, version)) !== undefined) {
      await this.#client.update(claim.name, version, { enabled: false });
    }
  }

  /** Whether the vault has the key that the outputs name, under the name in the inputs. */
  async #holds(tier: CaTier): Promise<boolean> {
    const id = readVaultId(optionalText(this.props, `${tier}KeyId`) ?? "");
    if (id === undefined || id.name !== this.#claim(tier).name) return false;
    return (await this.#client.get(id.name, id.version)) !== undefined;
  }

  #claim(tier: CaTier): Claim {
    return claimOf(this.props, text(this.props, `${tier}KeyName`), optionalText(this.props, `${tier}KeyId`));
  }

  #id(tier: CaTier) {
    return vaultIdOf("keys", text(this.props, `${tier}KeyId`));
  }

  #algorithm(): KeyAlgorithm {
    const { keyAlgorithm } = require("../../../certs/algorithms") as typeof import("../../../certs/algorithms");
    return keyAlgorithm((optionalText(this.props, "keyAlgorithm") ?? "EC-P256") as KeyAlgorithmName);
  }

  #fits({ key }: KeyBundle): boolean {
    const algorithm = this.#algorithm();
    if (!key.kty.startsWith(algorithm.family === "rsa" ? "RSA" : "EC")) return false;
    return algorithm.family === "rsa"
      ? Buffer.from(key.n ?? "", "base64url").length === algorithm.modulusLength / 8
      : key.crv === algorithm.webCrypto.namedCurve;
  }

  #asKey(tier: CaTier, { key }: KeyBundle): CaKey {
    const signing =
      require("../../../azure/clients/vaultSigner") as typeof import("../../../azure/clients/vaultSigner");
    const publicKey = signing.publicKeyOf(key);
    return {
      signer: new signing.VaultSigner(this.#client, key.kid, publicKey, this.#algorithm()),
      outs: { [`${tier}KeyId`]: key.kid, [`${tier}KeyState`]: "enabled" },
    };
  }
}
