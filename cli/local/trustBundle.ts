import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeWhole } from "../wholeFile";

/** Where systems keep the roots that their clients trust: Debian, Fedora, SUSE, Alpine and macOS. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** The system's roots as PEM: its bundle where it has one, else (Windows) those that Node carries. */
function systemRoots(): string {
  const file = SYSTEM_BUNDLES.find((place) => existsSync(place));
  if (file !== undefined) return readFileSync(file, "utf8");
  // Asked for here and not at the top: reading them takes some milliseconds, and most systems have a file.
  const { rootCertificates } = require("node:tls") as typeof import("node:tls");
  return rootCertificates.join("\n");
}

/** Roots and local CA in one PEM text; the CA comes last, after a line break. */
export function bundleText(roots: string, ca: string): string {
  return `${roots.trimEnd()}\n${ca.trim()}\n`;
}

/**
 * Writes the bundle for clients that replace their whole store (az, requests, curl). Written again only when the local CA
 * is another one: a later change of the system's roots matters to no name that the local Azure serves.
 */
export function writeBundle(bundle: string, caFile: string, roots: () => string = systemRoots): void {
  const ca = readFileSync(caFile, "utf8");
  if (existsSync(bundle) && readFileSync(bundle, "utf8").endsWith(`\n${ca.trim()}\n`)) return;
  mkdirSync(dirname(bundle), { recursive: true });
  writeWhole(bundle, bundleText(roots(), ca), 0o644);
}
