/**
 * Error codes of Azure Resource Manager and of the Microsoft.Devices resource provider.
 * Sources: Azure documentation "Common Azure deployment errors"; recorded answers of Microsoft.Devices.
 */
import type { ExplanationTable } from "./explanation";

export const ARM_CODES: ExplanationTable = Object.freeze({
  "400305": {
    meaning: "The name breaks the rules for provisioning services.",
    remedy: "Use 3 to 64 letters, digits and hyphens, with a letter or digit at both ends.",
  },
  "404015": {
    meaning: "The provisioning service has no such certificate (IH404015).",
    remedy: "Run `pulumi refresh`: the certificate is uploaded and verified anew by the next `pulumi up`.",
  },
  IH404015: {
    meaning: "The provisioning service has no such certificate.",
    remedy: "Run `pulumi refresh`: the certificate is uploaded and verified anew by the next `pulumi up`.",
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
