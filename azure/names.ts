/**
 * Azure's name rules as data. One table; every check of a name, in a preview, a handler or the local Azure, reads it.
 * Sources: Azure documentation "Naming rules for Azure resources", "DPS terminology – registration ID",
 * "IoT Hub identity registry – device ID", "Vault name and object name" of Key Vault.
 */

/** A rule for one kind of name. */
export interface NameRule {
  /** What it is called in messages. */
  readonly label: string;
  readonly minimum: number;
  /** Longest allowed name in characters. */
  readonly maximum: number;
  readonly pattern: RegExp;
  /** The rule in words. */
  readonly rule: string;
  /** Whether names are case-sensitive. */
  readonly caseSensitive: boolean;
}

export const NAME_RULES = Object.freeze({
  iotHub: {
    label: "IoT hub name",
    minimum: 3,
    maximum: 50,
    pattern: /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
    rule: "3 to 50 letters, digits and hyphens, with a letter or digit at both ends",
    caseSensitive: false,
  },
  provisioningService: {
    label: "provisioning service name",
    minimum: 3,
    maximum: 64,
    pattern: /^(?!global$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/i,
    rule: "3 to 64 letters, digits and hyphens, with a letter or digit at both ends, and not `global`",
    caseSensitive: false,
  },
  dpsCertificate: {
    label: "DPS certificate name",
    minimum: 1,
    maximum: 64,
    pattern: /^[A-Za-z0-9._-]+$/,
    rule: "1 to 64 letters, digits and the characters - . _",
    caseSensitive: false,
  },
  registrationId: {
    label: "registration ID",
    minimum: 1,
    maximum: 128,
    pattern: /^[A-Za-z0-9._:-]*[A-Za-z0-9-]$/,
    rule: "1 to 128 letters, digits and the characters - . _ : ending in a letter, a digit or a dash",
    caseSensitive: false,
  },
  /** A registration ID that is the common name of a certificate, which X.520 limits to 64 characters. */
  x509RegistrationId: {
    label: "registration ID (common name of the certificate)",
    minimum: 1,
    maximum: 64,
    pattern: /^[A-Za-z0-9._:-]*[A-Za-z0-9-]$/,
    rule: "1 to 64 letters, digits and the characters - . _ : ending in a letter, a digit or a dash",
    caseSensitive: false,
  },
  enrollmentGroupId: {
    label: "enrollment group ID",
    minimum: 1,
    maximum: 128,
    pattern: /^[A-Za-z0-9._:-]*[A-Za-z0-9-]$/,
    rule: "1 to 128 letters, digits and the characters - . _ : ending in a letter, a digit or a dash",
    caseSensitive: false,
  },
  deviceId: {
    label: "device ID",
    minimum: 1,
    maximum: 128,
    pattern: /^[A-Za-z0-9\-.%_#*?!(),:=@$'+]+$/,
    rule: "1 to 128 letters, digits and the characters - . + % _ # * ? ! ( ) , : = @ $ '",
    caseSensitive: true,
  },
  moduleId: {
    label: "module ID",
    minimum: 1,
    maximum: 128,
    pattern: /^[A-Za-z0-9\-.%_#*?!(),:=@$'+]+$/,
    rule: "1 to 128 letters, digits and the characters - . + % _ # * ? ! ( ) , : = @ $ '",
    caseSensitive: true,
  },
  resourceGroup: {
    label: "resource group name",
    minimum: 1,
    maximum: 90,
    pattern: /^[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]$/u,
    rule: "1 to 90 letters, digits and the characters _ - . ( ) not ending in a period",
    caseSensitive: false,
  },
  storageAccount: {
    label: "storage account name",
    minimum: 3,
    maximum: 24,
    pattern: /^[a-z0-9]+$/,
    rule: "3 to 24 lower-case letters and digits",
    caseSensitive: true,
  },
  containerApp: {
    label: "container app name",
    minimum: 2,
    maximum: 32,
    pattern: /^[a-z](?!.*--)[a-z0-9-]*[a-z0-9]$/,
    rule: "2 to 32 lower-case letters, digits and single hyphens, beginning with a letter and ending in a letter or digit",
    caseSensitive: true,
  },
  keyVault: {
    label: "key vault name",
    minimum: 3,
    maximum: 24,
    pattern: /^[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]$/,
    rule: "3 to 24 letters, digits and single hyphens, beginning with a letter and ending in a letter or digit",
    caseSensitive: false,
  },
  vaultObject: {
    label: "name of a key, secret or certificate",
    minimum: 1,
    maximum: 127,
    pattern: /^[A-Za-z0-9-]+$/,
    rule: "1 to 127 letters, digits and hyphens",
    caseSensitive: false,
  },
} satisfies Record<string, NameRule>);

/** The kinds of name that the table knows. */
export type NameKind = keyof typeof NAME_RULES;

/**
 * Checks a name. Returns undefined when it is right, else one sentence with the name, the rule and what is wrong,
 * for example `"a b" is not a valid registration ID: 1 to 128 letters, …`.
 */
export function nameError(kind: NameKind, name: string): string | undefined {
  const rule: NameRule = NAME_RULES[kind];
  if (name.length > rule.maximum) {
    return `"${name}" is not a valid ${rule.label}: it has ${name.length} characters, and the rule is ${rule.rule}`;
  }
  if (name.length < rule.minimum || !rule.pattern.test(name)) {
    return `"${name}" is not a valid ${rule.label}: the rule is ${rule.rule}`;
  }
  return undefined;
}

/** The key under which two spellings of a region are the same: `West Europe` and `westeurope`. */
export const regionKey = (region: string): string => region.replace(/\s+/g, "").toLowerCase();

/** The key under which two names of a kind are the same. */
export function nameKey(kind: NameKind, name: string): string {
  const rule: NameRule = NAME_RULES[kind];
  return rule.caseSensitive ? name : name.toLowerCase();
}
