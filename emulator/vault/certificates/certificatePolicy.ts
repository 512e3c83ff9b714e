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

type Given<T> = { readonly [Name in keyof T]?: T[Name] | null };

/** A policy of a request that a schema has checked. */
interface RequestedPolicy {
  readonly key_props?: (Given<Omit<CertificatePolicy["key_props"], "kty">> & { readonly kty?: string | null }) | null;
  readonly secret_props?: Given<CertificatePolicy["secret_props"]> | null;
  readonly x509_props?: Given<X509Properties> | null;
  readonly lifetime_actions?: unknown;
  readonly issuer?: Given<CertificatePolicy["issuer"]> | null;
}

/** `current`: values of the members that a PATCH leaves out. */
function readKey(given: NonNullable<RequestedPolicy["key_props"]>, current: KeyProperties | undefined): KeyProperties {
  const kty = given.kty ?? current?.kty ?? "RSA";
  if (kty !== "RSA" && kty !== "EC") throw invalid("key_props.kty", "must be RSA or EC");
  const same = current?.kty === kty ? current : undefined;
  const flags = {
    exportable: given.exportable ?? current?.exportable ?? true,
    reuse_key: given.reuse_key ?? current?.reuse_key ?? false,
  };
  const size = given.key_size ?? undefined;
  if (kty === "RSA") {
    const bits = size ?? same?.key_size ?? 2048;
    if (RSA_SIZES.includes(bits)) return { ...flags, kty, key_size: bits };
    throw badParameter(`Unsupported key size (${bits}). Supported sizes are [${RSA_SIZES.join(", ")}].`);
  }
  // A size selects its curve, unless the current curve has that size.
  const currentCurve = size === undefined || size === same?.key_size ? same?.crv : undefined;
  const name = given.crv ?? currentCurve ?? (size === undefined ? "P-256" : `P-${size}`);
  const curve = findCurve(name);
  if (curve === undefined) throw invalid("key_props.crv", "must be P-256, P-384, P-521 or P-256K");
  if (size !== undefined && size !== curve.bits) {
    throw badParameter(`Unsupported key size (${size}). Supported sizes are [256, 384, 521].`);
  }
  return { ...flags, kty, key_size: curve.bits, crv: curve.name };
}

function readSans(given: Given<NonNullable<X509Properties["sans"]>>): X509Properties["sans"] {
  const { dns_names, emails, upns } = given;
  if ([...(dns_names ?? []), ...(emails ?? [])].some((name) => !/^[\x21-\x7e]+$/.test(name))) {
    throw invalid("x509_props.sans", "must be ASCII names: write others in their xn-- form");
  }
  return {
    ...(dns_names?.length ? { dns_names } : {}),
    ...(emails?.length ? { emails } : {}),
    ...(upns?.length ? { upns } : {}),
  };
}

function readConstraints(given: Given<X509Properties["basic_constraints"]>): X509Properties["basic_constraints"] {
  const ca = given.ca ?? false;
  const length = given.path_len_constraint ?? undefined;
  if (length === undefined) return { ca };
  if (ca) return { ca, path_len_constraint: length };
  throw invalid("x509_props.basic_constraints.path_len_constraint", "needs ca: true");
}

function readX509(given: Given<X509Properties>, current: X509Properties | undefined): X509Properties {
  const subject = given.subject ?? current?.subject ?? "";
  // Validates before a key is generated.
  subjectName(subject);
  const sans = given.sans === undefined ? current?.sans : given.sans ? readSans(given.sans) : undefined;
  if (subject.trim() === "" && Object.keys(sans ?? {}).length === 0) {
    throw invalid("x509_props.subject", "must not be empty without subject alternative names");
  }
  const ekus = given.ekus ?? current?.ekus ?? ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
  const oid = ekus.find((each) => !/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(each));
  if (oid !== undefined) throw invalid("x509_props.ekus", `must be object identifiers, not '${oid.slice(0, 40)}'`);
  const usages = given.key_usage ?? current?.key_usage ?? DEFAULT_USAGE;
  const keyUsage = usages.map((each) => {
    const known = KEY_USAGES.find((usage) => usage.toLowerCase() === each.toLowerCase());
    if (known === undefined) throw invalid("x509_props.key_usage", `must be key usages, not '${each.slice(0, 40)}'`);
    return known;
  });
  return {
    subject,
    sans,
    ekus,
    key_usage: keyUsage,
    validity_months: given.validity_months ?? current?.validity_months ?? 12,
    basic_constraints:
      given.basic_constraints === undefined
        ? (current?.basic_constraints ?? { ca: false })
        : readConstraints(given.basic_constraints ?? {}),
  };
}

const DEFAULT_USAGE: readonly KeyUsage[] = ["digitalSignature", "keyEncipherment"];

/**
 * Reads a policy that a schema has checked. Members left out get the values of `current` (PATCH) or Azure's defaults. Throws
 * 400 BadParameter.
 */
export function readPolicy(value: unknown, vault: VaultRecord, current?: CertificatePolicy): CertificatePolicy {
  const given = (value ?? {}) as RequestedPolicy;
  const kty = given.key_props?.kty;
  if (kty === "RSA-HSM" || kty === "EC-HSM") throw noHardware(vault);
  const issuer = { ...current?.issuer, ...given.issuer };
  const name = given.issuer?.name ?? current?.issuer.name ?? "Unknown";
  const x509 = readX509(given.x509_props ?? {}, current?.x509_props);
  return {
    key_props: readKey(given.key_props ?? {}, current?.key_props),
    secret_props: {
      contentType: given.secret_props?.contentType ?? current?.secret_props.contentType ?? "application/x-pkcs12",
    },
    x509_props: x509,
    lifetime_actions: readLifetimeActions(
      given.lifetime_actions ?? current?.lifetime_actions,
      name,
      x509.validity_months,
    ),
    issuer: {
      name,
      cty: issuer.cty ?? undefined,
      cert_transparency: issuer.cert_transparency ?? undefined,
    },
  };
}
