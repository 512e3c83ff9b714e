// Written by UPDATE_DOCS=1 npx mocha --grep ^docs, from docs/fleet.md.
import { readFileSync } from "node:fs";
import { FleetJob } from "azure-iot-zero-touch";

const fleet = new FleetJob("line", {
  location: "westeurope",
  idScope: "0ne00000000",
  image: "line.azurecr.io/fleet:1.0", // examples/fleet/Containerfile
  registry: "line.azurecr.io",
  shards: 8,
  devices: 10_000,
  issuerChain: readFileSync("line1.pem", "utf8"),
  issuerKeyId: "https://line-keys.vault.azure.net/keys/line-1",
  keyVaultId: "/subscriptions/ID/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/line-keys",
});
export const job = fleet.summary;
