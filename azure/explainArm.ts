/**
 * Error codes of Azure Resource Manager and of the Microsoft.Devices resource provider.
 * Sources: Azure documentation "Common Azure deployment errors"; recorded responses of Microsoft.Devices.
 */
import type { ExplanationTable } from "./explanation";

export const ARM_CODES: ExplanationTable = Object.freeze({
  "400004": {
    meaning: "A property of the hub, the provisioning service or the certificate is invalid.",
    remedy: "Set the property that the message names right, then run `pulumi up` again.",
  },
  "400053": {
    meaning:
      "The certificate does not prove possession of the CA's key: it must be a leaf that the CA signed over the code.",
    remedy: "Run `pulumi up` again: it asks for a new code and has it signed by the CA's present key.",
  },
  "400008": {
    meaning: "The hub cannot use the blob container of an import or export.",
    remedy: "Check the container's address, and that its signature allows reading, writing and deleting.",
  },
  "400016": {
    meaning: "The hub's SKU does not have that many partitions.",
    remedy: "Set the partition count of the events endpoint to 2 for a free hub, else to 2 to 32.",
  },
  "400019": {
    meaning: "The subscription has a free hub (F1) already, and may have one.",
    remedy: "Set `hubSku` to a paid tier such as S1, or delete the other free hub.",
  },
  "400059": {
    meaning: "The hub's region cannot keep its data in the region.",
    remedy: "Leave enableDataResidency out, or use a region with data residency.",
  },
  "400089": {
    meaning: "IoT Hub has no such minimum TLS version.",
    remedy: "Set minTlsVersion to 1.2.",
  },
  "400131": {
    meaning: "A route or an enrichment of the hub names an endpoint that is not defined.",
    remedy: "Define the endpoint in routing.endpoints, or use `events`.",
  },
  "400303": {
    meaning: "The provisioning service would be linked to one hub twice.",
    remedy: "Name each hub once in the service's iotHubs.",
  },
  "400305": {
    meaning: "The name breaks the rules for provisioning services.",
    remedy: "Use 3 to 64 letters, digits and hyphens, with a letter or digit at both ends.",
  },
  "400309": {
    meaning: "The provisioning service's region cannot keep its data in the region.",
    remedy: "Leave enableDataResidency out, or use a region with data residency.",
  },
  "403002": {
    meaning:
      "A limit of the service is reached: 25 CA certificates in a provisioning service, 10 provisioning services and " +
      "50 hubs in a subscription.",
    remedy: "Delete what is no longer needed, or ask Azure's support for more.",
  },
  "403003": {
    meaning: "Another import or export of the hub runs.",
    remedy: "Wait until it ends, or cancel it.",
  },
  "404002": {
    meaning: "The linked hub does not exist, or is not active yet.",
    remedy: "Check the hub's name; a hub made seconds ago may need a minute, then run `pulumi up` again.",
  },
  "404015": {
    meaning: "The provisioning service has no such certificate (IH404015).",
    remedy: "Run `pulumi refresh`: the next `pulumi up` uploads and verifies the certificate again.",
  },
  "404016": {
    meaning: "There is no shared access policy of that name.",
    remedy: "Run `pulumi refresh`, then `pulumi up`.",
  },
  "409002": {
    meaning: "The hub or the provisioning service is in the middle of another change (Transitioning, Deleting).",
    remedy: "Wait until it is done, then run `pulumi up` again.",
  },
  "409004": {
    meaning: "The name is taken: names of hubs and of provisioning services are one of a kind in all of Azure.",
    remedy: "Choose another name.",
  },
  "412001": {
    meaning: "The resource was changed by someone else since Pulumi last read it (its ETag differs).",
    remedy: "Run `pulumi refresh` to see the change, then `pulumi up` to set it right.",
  },
  IH404015: {
    meaning: "The provisioning service has no such certificate.",
    remedy: "Run `pulumi refresh`: the next `pulumi up` uploads and verifies the certificate again.",
  },
  PreconditionFailed: {
    meaning: "The certificate was changed by someone else since Pulumi last read it (its ETag differs).",
    remedy: "Run `pulumi refresh` to see the change, then `pulumi up` to set it right.",
  },
  AuthenticationFailed: {
    meaning: "The token was refused.",
    remedy: "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret or certificate; check the clock.",
  },
  ExpiredAuthenticationToken: {
    meaning: "The token has expired.",
    remedy: "Sign in again, and check that the machine's clock is right.",
  },
  InvalidAuthenticationTokenTenant: {
    meaning: "The token is of another tenant than the subscription.",
    remedy: "Set AZURE_TENANT_ID to the subscription's tenant.",
  },
  AuthorizationFailed: {
    meaning: "The identity has no right to do this in the subscription.",
    remedy: "Give it the role Contributor on the resource group.",
  },
  MissingSubscriptionRegistration: {
    meaning: "The subscription is not registered for Microsoft.Devices.",
    remedy: "Run `az provider register --namespace Microsoft.Devices`.",
  },
  ConflictError: {
    meaning: "A soft-deleted vault of this name blocks the name.",
    remedy:
      "Run `az keyvault recover --name NAME` to have it back, or `az keyvault purge --name NAME` to be rid of it.",
  },
  VaultAlreadyExists: {
    meaning: "The vault name is taken: names of vaults are one of a kind in all of Azure, deleted ones included.",
    remedy: "Choose another name, or purge the deleted vault that has it.",
  },
  VaultNameNotValid: {
    meaning: "The name breaks the rules for vaults.",
    remedy: "Use 3 to 24 letters, digits and single hyphens, beginning with a letter and ending in a letter or digit.",
  },
  DeletedVaultNotFound: {
    meaning: "There is no deleted vault of this name in this region to recover or purge.",
    remedy: "Look at `az keyvault list-deleted`; a vault is recovered in its own region and resource group.",
  },
  MethodNotAllowed: {
    meaning: "The vault has purge protection: it is deleted when its retention has passed, and not before.",
    remedy: "Recover the vault, or take another name until then.",
  },
  RoleAssignmentExists: {
    meaning: "The identity has this role at this scope already, by an assignment that Pulumi does not know.",
    remedy: "Import that assignment (`az role assignment list --scope …`), or delete it.",
  },
  PrincipalNotFound: {
    meaning: "The directory does not know the identity yet, or not any more.",
    remedy: "Check the object ID; for an identity made a moment ago set principalType and run `pulumi up` again.",
  },
  RoleDefinitionDoesNotExist: {
    meaning: "There is no such role; the local Azure knows Azure's own roles for vaults and the general ones.",
    remedy: "Check the role's GUID with `az role definition list --name NAME`.",
  },
  ResourceNotFound: { meaning: "The resource does not exist.", remedy: "Run `pulumi refresh`, then `pulumi up`." },
  ResourceGroupNotFound: {
    meaning: "The resource group does not exist.",
    remedy: "Run `pulumi refresh`, then `pulumi up`.",
  },
  ResourceGroupBeingDeleted: {
    meaning: "The resource group is being deleted.",
    remedy: "Wait until it is gone, then run `pulumi up` again.",
  },
  SubscriptionNotFound: {
    meaning: "The subscription does not exist or the identity may not see it.",
    remedy: "Check ARM_SUBSCRIPTION_ID and the identity's tenant.",
  },
  TooManyRequests: {
    meaning: "Azure Resource Manager is throttling.",
    remedy: "Wait for the time in Retry-After and run `pulumi up` again.",
  },
});
