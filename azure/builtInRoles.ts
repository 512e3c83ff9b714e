/** GUIDs of the built-in roles that the toolkit assigns (Azure documentation, "Azure built-in roles"). */
export const BUILT_IN_ROLES = Object.freeze({
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  iotHubDataContributor: "4fc6c259-987e-4a07-842e-c321cc9d413f",
  provisioningServiceDataContributor: "dfce44e4-17b7-4bd1-a6d1-04996ec95633",
  storageBlobDataContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  keyVaultCryptoOfficer: "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
  keyVaultCryptoUser: "12338af0-0e69-4776-bea7-57ae8d297424",
  keyVaultCertificatesOfficer: "a4417e6f-fecd-4de8-b567-7b0420556985",
  keyVaultSecretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
});
