import { createHash, type X509Certificate } from "node:crypto";
import type { Application } from "../entra/application";
import type { Tenant } from "../entra/tenant";
import type { ManagedPrincipal } from "../kernel/directory";

/** A directory object as Graph returns it. */
export type DirectoryObject = Readonly<Record<string, unknown>> & { readonly id: string };

/** The display name of the tenant's application. */
const DISPLAY_NAME = "azure-iot-zero-touch local";
/** Secrets of the local Azure do not expire. */
const NEVER = "2299-12-31T00:00:00Z";

/** A GUID derived from a text, so that it is the same after a reset (RFC 9562, version 8). */
function guidOf(text: string): string {
  const digits = createHash("sha256").update(text).digest("hex");
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20, 32)].join("-");
}

function keyCredential(certificate: X509Certificate): Readonly<Record<string, unknown>> {
  return {
    customKeyIdentifier: certificate.fingerprint.replaceAll(":", ""),
    displayName: certificate.subject.replaceAll("\n", ", "),
    endDateTime: new Date(certificate.validTo).toISOString(),
    key: null,
    keyId: guidOf(certificate.fingerprint256),
    startDateTime: new Date(certificate.validFrom).toISOString(),
    type: "AsymmetricX509Cert",
    usage: "Verify",
  };
}

/** Properties that the application and its service principal share. */
const commonProperties = ({ clientId }: Tenant) => ({
  deletedDateTime: null,
  appId: clientId,
  createdDateTime: null,
  displayName: DISPLAY_NAME,
  signInAudience: "AzureADMyOrg",
  tags: [],
});

/** The tenant's application ("application resource type"). Credentials do not contain the secret, as in Graph. */
export function applicationOf(tenant: Tenant, { certificates }: Pick<Application, "certificates">): DirectoryObject {
  return {
    id: guidOf(`application ${tenant.clientId}`),
    ...commonProperties(tenant),
    identifierUris: [],
    keyCredentials: certificates.map(keyCredential),
    passwordCredentials: [
      {
        customKeyIdentifier: null,
        displayName: null,
        endDateTime: NEVER,
        hint: tenant.clientSecret.slice(0, 3),
        keyId: guidOf(`secret of ${tenant.clientId}`),
        secretText: null,
        startDateTime: null,
      },
    ],
  };
}

/** The service principal of a managed identity, which has no application. */
export function managedOf(
  { objectId, clientId, name, resourceId, isUserAssigned }: ManagedPrincipal,
  { tenantId }: Pick<Tenant, "tenantId">,
): DirectoryObject {
  return {
    id: objectId,
    deletedDateTime: null,
    appId: clientId,
    createdDateTime: null,
    displayName: name,
    signInAudience: null,
    tags: [],
    accountEnabled: true,
    alternativeNames: [`isExplicit=${isUserAssigned ? "True" : "False"}`, resourceId],
    appDisplayName: null,
    appOwnerOrganizationId: tenantId,
    appRoleAssignmentRequired: false,
    keyCredentials: [],
    passwordCredentials: [],
    servicePrincipalNames: [clientId],
    servicePrincipalType: "ManagedIdentity",
  };
}

/** The application's service principal, to which roles are assigned ("servicePrincipal resource type"). */
export function servicePrincipalOf(tenant: Tenant): DirectoryObject {
  return {
    id: tenant.objectId,
    ...commonProperties(tenant),
    accountEnabled: true,
    alternativeNames: [],
    appDisplayName: DISPLAY_NAME,
    appOwnerOrganizationId: tenant.tenantId,
    appRoleAssignmentRequired: false,
    keyCredentials: [],
    passwordCredentials: [],
    servicePrincipalNames: [tenant.clientId],
    servicePrincipalType: "Application",
  };
}
