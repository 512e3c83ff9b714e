/**
 * A client program as a user would write it, with Microsoft's own packages for secrets and sign-in, and nothing but the
 * environment to point it anywhere. Its argument is the vault's name; it prints one JSON object of what it saw.
 */
import { DefaultAzureCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { failure } from "./refusal";

const names = async (items: AsyncIterable<{ name: string }>): Promise<string[]> => {
  const all: string[] = [];
  for await (const { name } of items) all.push(name);
  return all;
};

async function tour(vault: string): Promise<unknown> {
  const url = `https://${vault}.vault.azure.net`;
  const client = new SecretClient(url, new DefaultAzureCredential());
  const made = await client.setSecret("tour-one", "correct-horse", {
    contentType: "text/plain",
    tags: { made: "sdk" },
  });
  const latest = await client.setSecret("tour-one", "battery-staple", { expiresOn: new Date("2030-01-01T00:00:00Z") });
  const first = await client.getSecret("tour-one", { version: made.properties.version ?? "" });
  const read = await client.getSecret("tour-one");
  const updated = await client.updateSecretProperties("tour-one", latest.properties.version ?? "", {
    tags: { changed: "yes" },
  });
  for (let index = 10; index < 40; index += 1) await client.setSecret(`many-${index}`, String(index));
  const listed = await names(client.listPropertiesOfSecrets());
  const versions = await names(client.listPropertiesOfSecretVersions("tour-one"));
  const backup = await client.backupSecret("tour-one");
  const deleted = await (await client.beginDeleteSecret("tour-one")).pollUntilDone();
  const inTheWay = await failure(() => client.setSecret("tour-one", "x"));
  const trash = await names(client.listDeletedSecrets());
  const recovered = await (await client.beginRecoverDeletedSecret("tour-one")).pollUntilDone();
  const back = await client.getSecret("tour-one");
  await (await client.beginDeleteSecret("tour-one")).pollUntilDone();
  await client.purgeDeletedSecret("tour-one");
  const gone = await failure(() => client.getSecret("tour-one"));
  const restored = backup ? await client.restoreSecretBackup(backup) : undefined;
  const afterRestore = await client.getSecret("tour-one");
  await client.setSecret("off", "x", { enabled: false });
  const disabled = await failure(() => client.getSecret("off"));
  const badName = await failure(() => client.setSecret("no_name", "x"));
  const elsewhere = new SecretClient("https://nobody-here.vault.azure.net", new DefaultAzureCredential());
  const noVault = await failure(() => elsewhere.getSecret("a"));
  return {
    made: { value: made.value, contentType: made.properties.contentType, tags: made.properties.tags },
    first: first.value,
    read: { value: read.value, expiresOn: read.properties.expiresOn },
    updated: updated.tags,
    listed: listed.length,
    versions: versions.length,
    deleted: { name: deleted.name, recoveryId: deleted.recoveryId, purged: deleted.scheduledPurgeDate !== undefined },
    inTheWay,
    trash,
    recovered: recovered.name,
    back: back.value,
    gone,
    restored: restored?.name,
    afterRestore: afterRestore.value,
    disabled,
    badName,
    noVault,
  };
}

tour(process.argv[2] ?? "").then(
  (seen) => process.stdout.write(JSON.stringify(seen)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
