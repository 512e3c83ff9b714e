import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { KEY_USAGES, type KeyUsage } from "../../../certs/extensions";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { findCurve } from "../keys/curves";
import { RSA_SIZES } from "../keys/keyMaterial";
import { badParameter, noHardware } from "../vaultErrors";
import { subjectName } from "./distinguishedName";
import { type LifetimeAction, readLifetimeActions } from "./lifetimeActions";

/** Format of a certificate's secret. */
export type ContentType = "application/x-pkcs12" | "application/x-pem-file";

/** A certificate's policy on the wire (REST reference, CertificatePolicy), with all defaults. */
export interface CertificatePolicy {
  readonly key_props: KeyProperties;
  readonly secret_props: { readonly contentType: ContentType };
  readonly x509_props: X509Properties;
  readonly lifetime_actions: readonly LifetimeAction[];
  readonly issuer: { readonly name: string; readonly cty?: string; readonly cert_transparency?: boolean };
}

/** The properties of the keys that a policy creates. */
export interface KeyProperties {
  readonly exportable: boolean;
  readonly kty: "RSA" | "EC";
  /** Bits. */
  readonly key_size: number;
  readonly crv?: string;
  readonly reuse_key: boolean;
}

/** The properties of the certificates that a policy creates. */
export interface X509Properties {
  readonly subject: string;
  readonly sans?: {
    readonly dns_names?: readonly string[];
    readonly emails?: readonly string[];
    readonly upns?: readonly string[];
  };
  /** OIDs. */
  readonly ekus: readonly string[];
  readonly key_usage: readonly KeyUsage[];
  readonly validity_months: number;
  readonly basic_constraints: { readonly ca: boolean; readonly path_len_constraint?: number };
}

const invalid = (member: string, rule: string): Error => badParameter(`Property policy.${member} ${rule}.`);

function object(value: unknown, member: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw invalid(member, "must be an object");
}

function list(value: unknown, member: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((each): each is string => typeof each === "string")) return value;
  throw invalid(member, "must be a list of strings");
}

function flag(value: unknown, member: string, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === "boolean") return value;
  throw invalid(member, "must be true or false");
}

/** `current`: values of the members that a PATCH leaves out. */
function readKey(given: JsonObject, current: KeyProperties | undefined): KeyProperties {
  const kty = given.kty ?? current?.kty ?? "RSA";
  if (kty !== "RSA" && kty !== "EC") throw invalid("key_props.kty", "must be RSA or EC");
  const same = current?.kty === kty ? current : undefined;
  const flags = {
    exportable: flag(given.exportable, "key_props.exportable", current?.exportable ?? true),
    reuse_key: flag(given.reuse_key, "key_props.reuse_key", current?.reuse_key ?? false),
  };
  const size = given.key_size ?? undefined;
  if (kty === "RSA") {
    const bits = size ?? same?.key_size ?? 2048;
    if (typeof bits === "number" && RSA_SIZES.includes(bits)) return { ...flags, kty, key_size: bits };
    throw badParameter(`Unsupported key size (${String(bits)}). Supported sizes are [${RSA_SIZES.join(", ")}].`);
  }
  // A size selects its curve, unless the current curve has that size.
  const currentCurve = size === undefined || size === same?.key_size ? same?.crv : undefined;
  const name = given.crv ?? currentCurve ?? (size === undefined ? "P-256" : `P-${String(size)}`);
  const curve = findCurve(name);
  if (curve === undefined) throw invalid("key_props.crv", "must be P-256, P-384, P-521 or P-256K");
  if (size !== undefined && size !== curve.bits) {
    throw badParameter(`Unsupported key size (${String(size)}). Supported sizes are [256, 384, 521].`);
  }
  return { ...flags, kty, key_size: curve.bits, crv: curve.name };
}

function readSans(value: unknown): X509Properties["sans"] {
  if (value === undefined || value === null) return undefined;
  const given = object(value, "x509_props.sans");
  const [dns, emails, upns] = (["dns_names", "emails", "upns"] as const).map((name) =>
    list(given[name], `x509_props.sans.${name}`),
  );
  const odd = [...(dns ?? []), ...(emails ?? [])].find((name) => !/^[\x21-\x7e]+$/.test(name));
  if (odd !== undefined) throw invalid("x509_props.sans", "must be ASCII names: write others in their xn-- form");
  return {
    ...(dns?.length ? { dns_names: dns } : {}),
    ...(emails?.length ? { emails } : {}),
    ...(upns?.length ? { upns } : {}),
  };
}

function readConstraints(value: unknown): X509Properties["basic_constraints"] {
  const given = object(value, "x509_props.basic_constraints");
  const ca = flag(given.ca, "x509_props.basic_constraints.ca", false);
  const length = given.path_len_constraint ?? undefined;
  if (length === undefined) return { ca };
  if (ca && typeof length === "number" && Number.isInteger(length) && length >= 0 && length < 128) {
    return { ca, path_len_constraint: length };
  }
  throw invalid(
    "x509_props.basic_constraints.path_len_constraint",
    "must be a number from 0 to 127, and needs ca: true",
  );
}

/** Azure's limit is not documented. */
const MAX_MONTHS = 1200;

function readX509(given: JsonObject, current: X509Properties | undefined): X509Properties {
  const subject = given.subject ?? current?.subject ?? "";
  if (typeof subject !== "string") throw invalid("x509_props.subject", "must be a string such as CN=device, O=Contoso");
  // Validates before a key is generated.
  subjectName(subject);
  const sans = given.sans === undefined ? current?.sans : readSans(given.sans);
  if (subject.trim() === "" && Object.keys(sans ?? {}).length === 0) {
    throw invalid("x509_props.subject", "must not be empty without subject alternative names");
  }
  const ekus = list(given.ekus, "x509_props.ekus") ?? current?.ekus ?? ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
  const oid = ekus.find((each) => !/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(each));
  if (oid !== undefined) throw invalid("x509_props.ekus", `must be object identifiers, not '${oid.slice(0, 40)}'`);
  const usages = list(given.key_usage, "x509_props.key_usage") ?? current?.key_usage ?? DEFAULT_USAGE;
  const usage = usages.find((each) => !KEY_USAGES.some((known) => known === each));
  if (usage !== undefined) throw invalid("x509_props.key_usage", `must be key usages, not '${usage.slice(0, 40)}'`);
  const months = given.validity_months ?? current?.validity_months ?? 12;
  if (typeof months !== "number" || !Number.isInteger(months) || months < 1 || months > MAX_MONTHS) {
    throw invalid("x509_props.validity_months", `must be a whole number from 1 to ${MAX_MONTHS}`);
  }
  return {
    subject,
    sans,
    ekus,
    key_usage: usages as KeyUsage[],
    validity_months: months,
    basic_constraints:
      given.basic_constraints === undefined
        ? (current?.basic_constraints ?? { ca: false })
        : readConstraints(given.basic_constraints),
  };
}

const DEFAULT_USAGE: readonly KeyUsage[] = ["digitalSignature", "keyEncipherment"];

/**
 * Reads a policy. Members left out get the values of `current` (PATCH) or Azure's defaults. Throws 400 BadParameter.
 */
export function readPolicy(value: unknown, vault: VaultRecord, current?: CertificatePolicy): CertificatePolicy {
  const given = object(value, "policy");
  const key = object(given.key_props, "key_props");
  if (key.kty === "RSA-HSM" || key.kty === "EC-HSM") throw noHardware(vault);
  const issuer = { ...current?.issuer, ...object(given.issuer, "issuer") };
  const name = issuer.name ?? current?.issuer.name ?? "Unknown";
  if (typeof name !== "string" || name === "") throw invalid("issuer.name", "must be a string");
  const secret = object(given.secret_props, "secret_props");
  const contentType = secret.contentType ?? current?.secret_props.contentType ?? "application/x-pkcs12";
  if (contentType !== "application/x-pkcs12" && contentType !== "application/x-pem-file") {
    throw invalid("secret_props.contentType", "must be application/x-pkcs12 or application/x-pem-file");
  }
  const x509 = readX509(object(given.x509_props, "x509_props"), current?.x509_props);
  const actions = given.lifetime_actions ?? current?.lifetime_actions;
  return {
    key_props: readKey(key, current?.key_props),
    secret_props: { contentType },
    x509_props: x509,
    lifetime_actions: readLifetimeActions(actions, name, x509.validity_months),
    issuer: {
      name,
      cty: typeof issuer.cty === "string" ? issuer.cty : undefined,
      cert_transparency: typeof issuer.cert_transparency === "boolean" ? issuer.cert_transparency : undefined,
    },
  };
}
