/** CAs, their certificates in the provisioning service, and the certificates of devices. */
import type { Change } from "../change";
import { code, prose, shown } from "../displayValue";
import {
  because,
  type ChangeReader,
  differenceOf,
  fromTo,
  nowOf,
  type ReviewFinding,
  textOf,
  unsettled,
} from "../reviewFinding";

/** Changes of inputs as a clause. */
function clause(change: Change, properties: readonly string[]): string {
  const texts = properties.flatMap((property) => {
    const difference = differenceOf(change, property);
    return difference ? [`${code(property)} ${fromTo(difference)}`] : [];
  });
  return texts.length === 0 ? "" : ` (${texts.join(", ")})`;
}

/** Why an intermediate gets another key: its own is purged from the vault, or has a newer version there. */
function newKey(change: Change): string {
  const found = unsettled(change).find(({ what }) => what === "intermediateKey");
  return found !== undefined && /^(?:purged|rotated)\b/.test(found.state) ? ` (its key is ${prose(found.state)})` : "";
}

/** Of a CA hierarchy: a root and its intermediate. */
export const certificateAuthority: ChangeReader = (change) => {
  const root = textOf({ ...change.outputs, ...change.before }, "rootName");
  const next = textOf(change.after, "rootName");
  const section = "authorities" as const;
  const end = textOf(change.outputs, "rootNotAfter")?.slice(0, 10);
  switch (change.action) {
    case "create":
    case "import": {
      const days = shown("rootLifetimeDays", change.after.rootLifetimeDays ?? 3650);
      const keys = change.after.vaultUri === undefined ? "become secrets of the stack" : "are made in the key vault";
      const text = `A new root ${code(next ?? change.name)} (${days} days) with its intermediate; both keys ${keys}.`;
      return [{ section, text }];
    }
    case "replace": {
      const text =
        `Root CA ${code(root ?? change.name)} is **replaced**${because(change)}: its key, the intermediate and all ` +
        "certificates under it are issued again. Devices with certificates under the old root are refused from then on; a " +
        "rollover with overlap (`caGenerations`) avoids that.";
      return [{ section: "destructive", text }];
    }
    case "delete": {
      const valid = end === undefined ? "" : ` (valid until ${end})`;
      const text = `Root CA ${code(root ?? change.name)}${valid} is **deleted** with its keys: nothing more can be issued under it, and it cannot be recovered.`;
      return [{ section: "destructive", text }];
    }
    default: {
      const how = clause(change, ["intermediateName", "intermediateLifetimeDays"]) || newKey(change);
      // The default finding covers other updates: a key that is enabled again, `softDeleted`.
      if (how === "") return [];
      const text = `A new intermediate under the same root ${code(root ?? change.name)}${how}: certificates issued before stay valid, because their chain ends at that root.`;
      return [{ section, text }];
    }
  }
};

/** Of a CA certificate in the provisioning service. */
export const verifiedCertificate: ChangeReader = (change) => {
  const name = code(nowOf(change, "name") ?? change.name);
  const isAsserted = textOf(change.after, "verification") === "asserted";
  const proof = isAsserted
    ? "It is asserted: possession of its key is not proven."
    : "The same `up` proves possession of its key; until then devices under it cannot register.";
  const findings: ReviewFinding[] = [];
  const isUploaded =
    change.action !== "delete" && (change.action !== "update" || differenceOf(change, "certificate") !== undefined);
  if (change.action === "delete") {
    const text = `CA certificate ${name} is **removed** from the provisioning service: devices with a chain to it are refused.`;
    findings.push({ section: "destructive", text });
  } else if (change.action === "replace") {
    const text = `CA certificate ${name} is **replaced** in the provisioning service${because(change)}: the old one is deleted first, and until the new one is verified every enrollment that refers to it has no verified CA.`;
    findings.push({ section: "destructive", text });
  } else if (change.action === "update" && isUploaded) {
    const text = `CA certificate ${name} gets **other content**: every enrollment that refers to it trusts the new root only, and devices under the old one are refused.`;
    findings.push({ section: "destructive", text });
  }
  if (isUploaded) findings.push({ section: "unverified", text: `${name} is uploaded. ${proof}` });
  if (change.action === "update" && change.differences.length === 0) {
    findings.push({ section: "unverified", text: `${name} is not verified yet; this \`up\` verifies it.` });
  }
  const verification = change.action === "update" ? differenceOf(change, "verification") : undefined;
  if (verification) {
    const text = `${name}: the verification method changes, ${fromTo(verification)}.${isAsserted ? " Possession of its key is no longer proven." : ""}`;
    findings.push({ section: "unverified", text });
  }
  return findings;
};

/** Why a device gets a new certificate. */
function cause(change: Change): string {
  if (differenceOf(change, "issuerCertificate") || differenceOf(change, "issuerChain")) return "by another CA";
  const days = differenceOf(change, "lifetimeDays");
  if (days) return `for another lifetime in days, ${fromTo(days)}`;
  if (change.differences.length > 0) return `for ${change.differences.map(({ path }) => code(path)).join(", ")}`;
  const [found] = unsettled(change);
  return found === undefined ? "because the current one expires soon" : `because it is ${prose(found.state)}`;
}

/** Of a device's certificate. */
export const deviceCertificate: ChangeReader = (change) => {
  const subject = code(nowOf(change, "registrationId") ?? change.name);
  const end = textOf(change.outputs, "notAfter")?.slice(0, 10);
  const ends = end === undefined ? "" : ` (current one until ${end})`;
  const section = "expiry" as const;
  if (change.action === "create" || change.action === "import") {
    const days = shown("lifetimeDays", change.after.lifetimeDays ?? 365);
    return [{ section, text: `First certificates, valid ${days} days`, subject }];
  }
  if (change.action === "delete") {
    const text = "Certificates and keys that leave the stack; issued certificates stay valid until they expire";
    return [{ section, text, subject: subject + ends }];
  }
  return [{ section, text: `New certificates, ${cause(change)}`, subject: subject + ends }];
};
