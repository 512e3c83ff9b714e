/** Handler of CertificateAuthority: a root and one intermediate. Their keys live in the stack's state, or in a vault. */
import { KEY_ALGORITHM_NAMES, type KeyAlgorithmName } from "../../certs/algorithms";
import { commonNameError } from "../../certs/names";
import {
  CA_TIERS,
  type CaKey,
  type CaKeys,
  type CaTier,
  keyStateOf,
  stateKeys,
  VaultKeys,
} from "./certificates/authorityKeys";
import type { Ca, CaOrder, Issued } from "./certificates/certificateIssuing";
import type { AzureGateway } from "./resource/azureGateway";
import {
  checkFields,
  diffFields,
  type Fields,
  missingFields,
  named,
  oneOf,
  optionalText,
  pickFields,
  text,
  UNKNOWN,
  whole,
} from "./resource/fields";
import { type Handler, PartialError, type Props } from "./resource/handler";
import { isInVault, SOFT_DELETED, vaultAddress } from "./vault/vaultObject";

type Gateway = Pick<AzureGateway, "vaultKeys" | "now" | "log" | "pause">;

const commonName = (value: unknown): string | undefined =>
  typeof value === "string" ? commonNameError(value) : "must be text";

/** What the intermediate says; a change of it issues a new one, and a new key. */
const INTERMEDIATE: Fields = {
  intermediateName: { isRequired: true, validate: commonName },
  intermediateLifetimeDays: { default: 1825, validate: whole(1, 36_500) },
};

/** Inputs; days are of 86,400 seconds. With a `vaultUri` the keys are in that vault, by names of their own. */
export const FIELDS: Fields = {
  rootName: { isRequired: true, onChange: "replace", validate: commonName },
  rootLifetimeDays: { default: 3650, onChange: "replace", validate: whole(1, 36_500) },
  keyAlgorithm: { default: "EC-P256", onChange: "replace", validate: oneOf(...KEY_ALGORITHM_NAMES) },
  ...INTERMEDIATE,
  vaultUri: { onChange: "replaceWithParent", validate: vaultAddress },
  rootKeyName: { onChange: "replace", validate: named("vaultObject") },
  intermediateKeyName: { onChange: "replace", validate: named("vaultObject") },
  owner: { onChange: "ignore" },
  softDeleted: SOFT_DELETED,
  vaultOfStack: { onChange: "ignore" },
};

const loadPki = () =>
  require("./certificates/certificateIssuing") as typeof import("./certificates/certificateIssuing");

const algorithmOf = (inputs: Props): KeyAlgorithmName =>
  (inputs.keyAlgorithm ?? FIELDS.keyAlgorithm?.default) as KeyAlgorithmName;

function order(inputs: Props, tier: CaTier, now: Date): CaOrder {
  return {
    commonName: text(inputs, `${tier}Name`),
    // Both were checked against FIELDS before.
    lifetimeDays: Number(inputs[`${tier}LifetimeDays`] ?? FIELDS[`${tier}LifetimeDays`]?.default),
    now,
  };
}

const outputsOf = (tier: CaTier, issued: Issued, key: CaKey): Record<string, unknown> => ({
  [`${tier}Certificate`]: issued.certificate,
  [`${tier}Thumbprint`]: issued.facts.thumbprint,
  [`${tier}NotAfter`]: issued.facts.notAfter,
  ...key.outs,
});

/** The outputs of one tier. */
const kept = (tier: CaTier, olds: Props): Record<string, unknown> =>
  Object.fromEntries(
    ["Certificate", "Thumbprint", "NotAfter", "Key", "KeyId", "KeyState"]
      .map((suffix) => `${tier}${suffix}`)
      .filter((name) => olds[name] !== undefined)
      .map((name) => [name, olds[name]]),
  );

/** Whether a name is given twice. Two that are not known yet may well differ. */
const isTwice = (one: unknown, other: unknown): boolean => one !== undefined && one !== UNKNOWN && one === other;

/** The tiers that have a key in the vault: both, but where a creation stopped half-way. */
const tiersOf = (props: Props): readonly CaTier[] =>
  CA_TIERS.filter((tier) => optionalText(props, `${tier}KeyId`) !== undefined);

/** Whether a creation stopped before there was a hierarchy: keys in the vault are all there is. */
const isCreatePending = (props: Props): boolean => isInVault(props) && props.rootCertificate === undefined;

/** The present root, with its signer. */
function rootOf(gateway: Gateway, olds: Props): Ca {
  const certificate = text(olds, "rootCertificate");
  const key = isInVault(olds) ? text(olds, "rootKeyId") : text(olds, "rootKey");
  return { certificate, signer: loadPki().signerOf(gateway, certificate, key) };
}

async function issueUnder(root: Ca, key: CaKey, inputs: Props, now: Date): Promise<Record<string, unknown>> {
  const issued = await loadPki().createIntermediate(order(inputs, "intermediate", now), key.signer.publicKey, root);
  return outputsOf("intermediate", issued, key);
}

/** Both keys of a vault made right again where they can be, and what they are then. */
async function healed(gateway: Gateway, olds: Props): Promise<Record<string, unknown>> {
  if (!isInVault(olds)) return {};
  const keys = new VaultKeys(gateway, olds);
  return { rootKeyState: await keys.heal("root"), intermediateKeyState: await keys.heal("intermediate") };
}

const LOST =
  "The root's key is lost: the vault has it no more, neither as it was nor deleted.\n" +
  "  To fix: run `pulumi up` again; it replaces the root and all that was issued below it.";

/** The state if a run stopped while it issued an intermediate: the vault may have a newer key of ours already. */
const STOPPED = "rotated: the run that made a newer version stopped; `pulumi up` issues an intermediate for it";

/** The handler. With keys in the state nothing exists outside of it, so read returns the state and delete does nothing. */
export const handler = (gateway: Gateway): Handler => {
  const keysOf = (props: Props): CaKeys =>
    isInVault(props) ? new VaultKeys(gateway, props) : stateKeys(algorithmOf(props));
  /** A new hierarchy. Keys that a vault made before a failure are kept in the state, for a destroy to take them away. */
  const make = async (inputs: Props, begun: Props = {}): Promise<Record<string, unknown>> => {
    const now = gateway.now();
    const partial: Record<string, unknown> = {};
    for (const tier of tiersOf(begun)) partial[`${tier}KeyId`] = begun[`${tier}KeyId`];
    const keys = keysOf({ ...inputs, ...partial });
    const keyOf = async (tier: CaTier): Promise<CaKey> => {
      const key = await keys.make(tier);
      Object.assign(partial, key.outs);
      return key;
    };
    try {
      const rootKey = await keyOf("root");
      const issued = await loadPki().createRoot(order(inputs, "root", now), rootKey.signer);
      const root = { certificate: issued.certificate, signer: rootKey.signer };
      const intermediate = await issueUnder(root, await keyOf("intermediate"), inputs, now);
      return { ...pickFields(FIELDS, inputs), ...outputsOf("root", issued, rootKey), ...intermediate };
    } catch (error) {
      if (!isInVault(inputs) || Object.keys(partial).length === 0) throw error;
      throw new PartialError(text(partial, "rootKeyId"), { ...pickFields(FIELDS, inputs), ...partial }, error);
    }
  };
  return {
    async check(_olds, news) {
      const result = checkFields(FIELDS, news);
      const { rootName, intermediateName, vaultUri, rootKeyName, intermediateKeyName } = result.inputs;
      if (isTwice(rootName, intermediateName)) {
        const reason = "must differ from rootName: a certificate whose issuer has its own name looks self-signed";
        result.failures.push({ property: "intermediateName", reason });
      }
      if (vaultUri === undefined) return result;
      const needed = ["rootKeyName", "intermediateKeyName", "owner"];
      result.failures.push(...missingFields(result.inputs, needed, "keys in a vault need it"));
      if (isTwice(rootKeyName, intermediateKeyName)) {
        const reason = "must differ from rootKeyName: each CA has a key of its own";
        result.failures.push({ property: "intermediateKeyName", reason });
      }
      return result;
    },
    async diff(_id, olds, news) {
      const { changes, replaces } = diffFields(FIELDS, olds, news);
      const states = CA_TIERS.map((tier) => keyStateOf(olds, tier));
      const lost = states[0] === "purged" ? ["rootKeyName"] : [];
      return {
        changes: changes || isCreatePending(olds) || states.some((state) => state !== "enabled"),
        replaces: [...new Set([...replaces, ...lost])],
      };
    },
    async create(inputs) {
      const outs = await make(inputs);
      return { id: text(outs, "rootThumbprint"), outs };
    },
    async read(id, props) {
      if (!isInVault(props)) return { id, props: { ...props } };
      const keys = new VaultKeys(gateway, props);
      const states = await Promise.all(
        tiersOf(props).map(async (tier) => [`${tier}KeyState`, await keys.state(tier)] as const),
      );
      return { id, props: { ...props, ...Object.fromEntries(states) } };
    },
    async import(id) {
      const { importedAuthority } =
        require("./certificates/importedAuthority") as typeof import("./certificates/importedAuthority");
      const intermediateLifetimeDays = Number(FIELDS.intermediateLifetimeDays?.default);
      const { inputs, outs } = await importedAuthority(gateway, id, { intermediateLifetimeDays });
      return { id: text(outs, "rootThumbprint"), props: { ...inputs, ...outs }, inputs };
    },
    async update(id, olds, news) {
      if (isCreatePending(olds)) return { outs: await make(news, olds) };
      const outs: Record<string, unknown> = {
        ...pickFields(FIELDS, news),
        ...kept("root", olds),
        ...kept("intermediate", olds),
        ...(await healed(gateway, olds)),
      };
      if (keyStateOf(outs, "root") === "purged") throw new PartialError(id, outs, new Error(LOST));
      const state = keyStateOf(outs, "intermediate");
      const isReissued = diffFields(INTERMEDIATE, olds, news).changes || state === "purged" || state === "rotated";
      if (!isReissued) return { outs };
      const current = { ...news, intermediateKeyId: outs.intermediateKeyId };
      try {
        const rotated = state === "rotated" ? await new VaultKeys(gateway, current).newest("intermediate") : undefined;
        const key = rotated ?? (await keysOf(current).make("intermediate"));
        return { outs: { ...outs, ...(await issueUnder(rootOf(gateway, olds), key, news, gateway.now())) } };
      } catch (error) {
        if (!isInVault(olds)) throw error;
        const partial = { ...outs, ...pickFields(INTERMEDIATE, olds), intermediateKeyState: STOPPED };
        throw new PartialError(id, partial, error);
      }
    },
    async delete(_id, props) {
      if (!isInVault(props)) return;
      const keys = new VaultKeys(gateway, props);
      for (const tier of CA_TIERS) await keys.release(tier);
    },
  };
};
