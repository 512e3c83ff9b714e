/**
 * Error codes of Microsoft Entra ID at sign-in. Source: "Microsoft Entra authentication and authorization error codes",
 * and for codes without a description there the messages that Entra returns.
 */
import type { ExplanationTable } from "./explanation";

const SUBJECT_OF_GITHUB =
  "GitHub's is `repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH`, `:environment:NAME` or `:pull_request`";

export const ENTRA_CODES: ExplanationTable = Object.freeze({
  AADSTS50027: {
    meaning: "The client assertion is no JSON Web Token.",
    remedy: "Look at the file or response that the token comes from (AZURE_FEDERATED_TOKEN_FILE, ARM_OIDC_TOKEN).",
  },
  AADSTS70003: {
    meaning: "The application asked for a grant that it may not use.",
    remedy: "Sign in as a service principal, workload or managed identity.",
  },
  AADSTS90014: {
    meaning: "A field of the sign-in is missing: mostly the scope.",
    remedy: "Ask for the resource with `/.default` behind it.",
  },
  AADSTS90002: {
    meaning: "There is no such tenant.",
    remedy: "Check AZURE_TENANT_ID (ARM_TENANT_ID), and that the shell points at the cloud that has it.",
  },
  AADSTS500011: {
    meaning: "The tenant knows no such resource to issue a token for.",
    remedy: "Check the scope; the resource's provider may have to be registered in the tenant first.",
  },
  AADSTS700016: {
    meaning: "The tenant has no application of this client ID.",
    remedy: "Check AZURE_CLIENT_ID (ARM_CLIENT_ID) against the application's registration in AZURE_TENANT_ID.",
  },
  AADSTS700021: {
    meaning: "The client assertion was made for another application than the client ID names.",
    remedy: "Let its issuer and subject be the client ID that signs in.",
  },
  AADSTS700023: {
    meaning: "The client assertion was made for another tenant or endpoint.",
    remedy: "Let its audience be the tenant's token endpoint; check AZURE_TENANT_ID.",
  },
  AADSTS700024: {
    meaning: "The client assertion has expired or is not valid yet.",
    remedy:
      "Check the clock; get the identity provider's token just before signing in: GitHub's are valid for 5 minutes.",
  },
  AADSTS700027: {
    meaning:
      "The certificate that signed is not one of the application's, or it is and the signature is another key's.",
    remedy: "Upload the certificate to the application, or set AZURE_CLIENT_CERTIFICATE_PATH to the registered one.",
  },
  AADSTS700211: {
    meaning: "No federated credential of the application trusts the token's issuer.",
    remedy:
      "Compare the issuer letter by letter, slashes at its end too; GitHub's is https://token.actions.githubusercontent.com.",
  },
  AADSTS700212: {
    meaning: "A federated credential trusts the token's issuer and subject, but not its audience.",
    remedy: "Ask the identity provider for a token for api://AzureADTokenExchange.",
  },
  AADSTS700213: {
    meaning: "No federated credential of the application trusts the token's subject.",
    remedy: `Add a federated credential for exactly the subject in the message: ${SUBJECT_OF_GITHUB}.`,
  },
  AADSTS1000502: {
    meaning: "The application's certificate has expired or is not valid yet.",
    remedy: "Register a new certificate with the application and sign in with that one.",
  },
  AADSTS1002012: {
    meaning: "The scope is none that an application can ask for.",
    remedy: "Ask for the resource with `/.default` behind it.",
  },
  AADSTS5002730: {
    meaning: "The client assertion does not say which certificate signed it.",
    remedy: "Put the certificate's thumbprint into the header `x5t#S256` (or `x5t`).",
  },
  AADSTS7000215: {
    meaning: "The client secret is wrong.",
    remedy: "Set AZURE_CLIENT_SECRET (ARM_CLIENT_SECRET) to the secret's value, not to its ID; it may have expired.",
  },
  AADSTS7000216: {
    meaning: "The request carries neither a secret nor an assertion.",
    remedy: "Set a secret, a certificate or a federated token (docs/team-settings.md).",
  },
  AADSTS7000218: {
    meaning: "The request carries neither a secret nor an assertion.",
    remedy: "Set a secret, a certificate or a federated token (docs/team-settings.md).",
  },
  AADSTS7000272: {
    meaning: "The identity provider does not publish the key that signed its token.",
    remedy:
      "Check that the issuer's JWKS is reachable from the internet and holds the key; after a rotation wait and try again.",
  },
  AADSTS7002138: {
    meaning: "The token's subject differs from the federated credential's in letter case only.",
    remedy: "Write the federated credential's subject as the identity provider does, letter case counted.",
  },
  AADSTS900144: {
    meaning: "A parameter of the token request is missing.",
    remedy: "The message names it: with a library of Azure's own, check its settings and the AZURE_ variables.",
  },
});

/** Entra's error code at the beginning of a message; undefined if there is none. */
export const entraCodeIn = (text: string): string | undefined => /\bAADSTS\d+\b/.exec(text)?.[0];
