import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { KEY_USAGES, type KeyUsage } from "../../../certs/extensions";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { findCurve } from "../keys/curves";
import { RSA_SIZES } from "../keys/keyMaterial";
import { badParameter, noHardware } from "../vaultErrors";
import { subjectName } from "./distinguishedName";
import { type LifetimeAction, readLifetimeActions } from "./lifetimeActions";

/** How a certificate's secret carries certificate and key. */
export type ContentType = "application/x-pkcs12" | "application/x-pem-file";

/** A certificate's policy as the wire writes it (REST reference, CertificatePolicy), every default filled in. */
export interface CertificatePolicy {
  readonly key_props: {
    readonly exportable: boolean;
    readonly kty: "RSA" | "EC";
    readonly key_size: number;
    readonly crv?: string;
    readonly reuse_key: boolean;
  };
  readonly secret_props: { readonly contentType: ContentType };
  readonly x509_props: X509Properties;
  readonly lifetime_actions: readonly LifetimeAction[];
  readonly issuer: { readonly name: string; readonly cty?: string; readonly cert_transparency?: boolean };
}

/** What the certificate is to say. */
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

const invalid = (member: string, what: string): Error =>
  badParameter(`Property policy.${member} has invalid value: ${what}.`);

function object(value: unknown, member: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw invalid(member, "it is an object");
}

function list(value: unknown, member: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((each): each is string => typeof each === "string")) return value;
  throw invalid(member, "it is a list of texts");
}

function flag(value: unknown, member: string, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === "boolean") return value;
  throw invalid(member, "it is true or false");
}

/** `merged` puts what is asked over what stands: PATCH names what is to change alone. */
function readKey(
  asked: JsonObject,
  standing: CertificatePolicy["key_props"] | undefined,
): CertificatePolicy["key_props"] {
  const kty = asked.kty ?? standing?.kty ?? "RSA";
  if (kty !== "RSA" && kty !== "EC") throw invalid("key_props.kty", "it is RSA or EC");
  const same = standing?.kty === kty ? standing : undefined;
  const flags = {
    exportable: flag(asked.exportable, "key_props.exportable", standing?.exportable ?? true),
    reuse_key: flag(asked.reuse_key, "key_props.reuse_key", standing?.reuse_key ?? false),
  };
  const size = asked.key_size ?? undefined;
  if (kty === "RSA") {
    const bits = size ?? same?.key_size ?? 2048;
    if (typeof bits === "number" && RSA_SIZES.includes(bits)) return { ...flags, kty, key_size: bits };
    throw badParameter(`Unsupported key size (${String(bits)}). Supported sizes are [${RSA_SIZES.join(", ")}].`);
  }
  // A size alone asks for its curve; the standing one stays where it has that size.
  const standingCurve = size === undefined || size === same?.key_size ? same?.crv : undefined;
  const name = asked.crv ?? standingCurve ?? (size === undefined ? "P-256" : `P-${String(size)}`);
  const curve = findCurve(name);
  if (curve === undefined) throw invalid("key_props.crv", "it is P-256, P-384, P-521 or P-256K");
  if (size !== undefined && size !== curve.bits) {
    throw badParameter(`Unsupported key size (${String(size)}). Supported sizes are [256, 384, 521].`);
  }
  return { ...flags, kty, key_size: curve.bits, crv: curve.name };
}

function readSans(asked: unknown): X509Properties["sans"] {
  if (asked === undefined || asked === null) return undefined;
  const given = object(asked, "x509_props.sans");
  const [dns, emails, upns] = (["dns_names", "emails", "upns"] as const).map((name) =>
    list(given[name], `x509_props.sans.${name}`),
  );
  const odd = [...(dns ?? []), ...(emails ?? [])].find((name) => !/^[\x21-\x7e]+$/.test(name));
  if (odd !== undefined) throw invalid("x509_props.sans", "names are ASCII, others in their xn-- form");
  return {
    ...(dns?.length ? { dns_names: dns } : {}),
    ...(emails?.length ? { emails } : {}),
    ...(upns?.length ? { upns } : {}),
  };
}

function readConstraints(asked: unknown): X509Properties["basic_constraints"] {
  const given = object(asked, "x509_props.basic_constraints");
  const ca = flag(given.ca, "x509_props.basic_constraints.ca", false);
  const length = given.path_len_constraint ?? undefined;
  if (length === undefined) return { ca };
  if (ca && typeof length === "number" && Number.isInteger(length) && length >= 0 && length < 128) {
    return { ca, path_len_constraint: length };
  }
  throw invalid("x509_props.basic_constraints.path_len_constraint", "it is a number from 0 to 127, of a CA");
}

/** The most that a certificate of the field lasts; Azure's own limit is not documented. */
const MAX_MONTHS = 1200;

function readX509(asked: JsonObject, standing: X509Properties | undefined): X509Properties {
  const subject = asked.subject ?? standing?.subject ?? "";
  if (typeof subject !== "string") throw invalid("x509_props.subject", "it is a text as CN=device, O=Contoso");
  // Said before a key is made for it, not after.
  subjectName(subject);
  const sans = asked.sans === undefined ? standing?.sans : readSans(asked.sans);
  if (subject.trim() === "" && Object.keys(sans ?? {}).length === 0) {
    throw invalid("x509_props.subject", "a certificate has a subject or subject alternative names");
  }
  const ekus = list(asked.ekus, "x509_props.ekus") ?? standing?.ekus ?? ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
  const oid = ekus.find((each) => !/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(each));
  if (oid !== undefined) throw invalid("x509_props.ekus", `'${oid.slice(0, 40)}' is no object identifier`);
  const usages = list(asked.key_usage, "x509_props.key_usage") ?? standing?.key_usage ?? DEFAULT_USAGE;
  const usage = usages.find((each) => !KEY_USAGES.some((known) => known === each));
  if (usage !== undefined) throw invalid("x509_props.key_usage", `'${usage.slice(0, 40)}' is none`);
  const months = asked.validity_months ?? standing?.validity_months ?? 12;
  if (typeof months !== "number" || !Number.isInteger(months) || months < 1 || months > MAX_MONTHS) {
    throw invalid("x509_props.validity_months", `it is a whole number from 1 to ${MAX_MONTHS}`);
  }
  return {
    subject,
    ...(sans === undefined ? {} : { sans }),
    ekus,
    key_usage: usages as KeyUsage[],
    validity_months: months,
    basic_constraints:
      asked.basic_constraints === undefined
        ? (standing?.basic_constraints ?? { ca: false })
        : readConstraints(asked.basic_constraints),
  };
}

const DEFAULT_USAGE: readonly KeyUsage[] = ["digitalSignature", "keyEncipherment"];

/**
 * Reads a policy, with Azure's defaults for what it leaves out, or with what stands already (PATCH). Throws 400
 * BadParameter.
 */
export function readPolicy(value: unknown, vault: VaultRecord, standing?: CertificatePolicy): CertificatePolicy {
  const asked = object(value, "policy");
  const key = object(asked.key_props, "key_props");
  if (key.kty === "RSA-HSM" || key.kty === "EC-HSM") throw noHardware(vault);
  const issuer = { ...standing?.issuer, ...object(asked.issuer, "issuer") };
  const name = issuer.name ?? standing?.issuer.name ?? "Unknown";
  if (typeof name !== "string" || name === "") throw invalid("issuer.name", "it is a text");
  const secret = object(asked.secret_props, "secret_props");
  const contentType = secret.contentType ?? standing?.secret_props.contentType ?? "application/x-pkcs12";
  if (contentType !== "application/x-pkcs12" && contentType !== "application/x-pem-file") {
    throw invalid("secret_props.contentType", "it is application/x-pkcs12 or application/x-pem-file");
  }
  const x509 = readX509(object(asked.x509_props, "x509_props"), standing?.x509_props);
  const actions = asked.lifetime_actions ?? standing?.lifetime_actions;
  return {
    key_props: readKey(key, standing?.key_props),
    secret_props: { contentType },
    x509_props: x509,
    lifetime_actions: readLifetimeActions(actions, name, x509.validity_months),
    issuer: {
      name,
      ...(typeof issuer.cty === "string" ? { cty: issuer.cty } : {}),
      ...(typeof issuer.cert_transparency === "boolean" ? { cert_transparency: issuer.cert_transparency } : {}),
    },
  };
}
