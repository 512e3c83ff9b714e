/** The stack's state in the operator's terms: authorities, enrollments, devices. Pure functions over resources. */

import { dynamicType } from "../../azure/toolkitTypes";
import { readCertificate } from "../../certs/certificate";
import { DAY_MS } from "../../certs/clock";
import { OperatorError } from "../operatorError";
import type { StackConfiguration, StackResource } from "./operatorStack";

const DYNAMIC = "pulumi-nodejs:dynamic/iot:";

/** Resources of a dynamic kind, such as `EnrollmentGroup`. */
export const dynamicResources = (resources: readonly StackResource[], kind: string): readonly StackResource[] =>
  resources.filter(({ type }) => dynamicType(type) === `${DYNAMIC}${kind}`);

/** The stack's outputs. Errors: NotFound for a stack without resources. */
export function outputsOf(resources: readonly StackResource[]): Readonly<Record<string, unknown>> {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  if (stack !== undefined && resources.length > 1) return stack.outputs;
  throw new OperatorError("NotFound", "The stack has no resources.", "deploy it first: npm run up, or pulumi up");
}

/** A text member; empty if there is none. */
export const textOf = (values: Readonly<Record<string, unknown>>, key: string): string => {
  const value = values[key];
  return typeof value === "string" ? value : "";
};

/** The list of a configuration key. */
export const listOf = (configuration: StackConfiguration, key: string): readonly string[] => {
  const value = configuration[key];
  return value === undefined || value === "" ? [] : typeof value === "string" ? [value] : value.map(String);
};

/** A certificate as the commands show it. */
export interface CertificateSummary {
  readonly subject: string;
  /** SHA-1, upper-case hexadecimal, as DPS shows it. */
  readonly thumbprint: string;
  /** SHA-256, upper-case hexadecimal. */
  readonly sha256Thumbprint: string;
  /** ISO 8601. */
  readonly notAfter: string;
  /** Whole days until the end; negative after it. */
  readonly daysLeft: number;
}

/** Summary of the only certificate in a PEM text. */
export function certificateSummary(pem: string, now: Date): CertificateSummary {
  const certificate = readCertificate(pem);
  return {
    subject: certificate.subject,
    thumbprint: certificate.sha1Thumbprint,
    sha256Thumbprint: certificate.sha256Thumbprint,
    notAfter: certificate.notAfter.toISOString(),
    daysLeft: Math.floor((certificate.notAfter.getTime() - now.getTime()) / DAY_MS),
  };
}

/** One generation of the CA hierarchy. */
export interface Authority {
  readonly urn: string;
  /** When it was created, ISO 8601. */
  readonly created: string | undefined;
  readonly generation: number;
  readonly root: CertificateSummary;
  readonly intermediate: CertificateSummary;
  readonly rootCertificate: string;
  /** Key Vault key ID of the root; undefined for a key in the stack's state. */
  readonly rootKeyId: string | undefined;
  readonly isRootVerified: boolean;
  /** Whether it issues the stack's device certificates. */
  readonly isIssuing: boolean;
}

/** The generations of `caGenerations`; default one. Errors: StackFailed for a configuration of another form. */
export function generationsOf(configuration: StackConfiguration): readonly number[] {
  const generations = listOf(configuration, "caGenerations").map(Number);
  if (generations.length === 0) return [1];
  if (generations.length <= 2 && generations.every(Number.isSafeInteger)) return generations;
  const remedy = "set one or two whole numbers: pulumi config set --path 'caGenerations[0]' 1";
  throw new OperatorError("StackFailed", "The configuration key caGenerations is not a list of generations.", remedy);
}

/** The first generation has the plain name; others add their number to it. */
const generationOf = (rootName: string, baseName: string): number =>
  rootName === baseName ? 1 : Number(/ (\d+)$/.exec(rootName)?.[1] ?? 1);

/** The CA hierarchies in the order of their generations. */
export function authoritiesOf(
  resources: readonly StackResource[],
  configuration: StackConfiguration,
  now: Date,
): readonly Authority[] {
  const baseName = String(configuration.rootName ?? "");
  const issuing = generationsOf(configuration).at(-1);
  const verified = dynamicResources(resources, "VerifiedCertificate");
  return dynamicResources(resources, "CertificateAuthority")
    .filter(({ outputs }) => textOf(outputs, "intermediateCertificate") !== "")
    .map(({ urn, created, outputs }) => {
      const rootCertificate = textOf(outputs, "rootCertificate");
      const root = certificateSummary(rootCertificate, now);
      const generation = generationOf(textOf(outputs, "rootName"), baseName);
      return {
        urn,
        created,
        generation,
        root,
        intermediate: certificateSummary(textOf(outputs, "intermediateCertificate"), now),
        rootCertificate,
        rootKeyId: textOf(outputs, "rootKeyId") || undefined,
        isRootVerified: verified.some(
          (each) => each.outputs.thumbprint === root.thumbprint && each.outputs.isVerified === true,
        ),
        isIssuing: generation === issuing,
      };
    })
    .sort((one, other) => one.generation - other.generation);
}
