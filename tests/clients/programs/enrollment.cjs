"use strict";
/**
 * Writes, reads, queries and deletes an enrollment group with azure-iot-provisioning-service, as Microsoft's Node samples
 * do. Arguments: connection string of the provisioning service, certificate file, group ID.
 */
const { readFileSync } = require("node:fs");
const { ProvisioningServiceClient } = require("azure-iot-provisioning-service");

const [connectionString, certificateFile, enrollmentGroupId] = process.argv.slice(2);

async function main() {
  const client = ProvisioningServiceClient.fromConnectionString(connectionString);
  const certificate = readFileSync(certificateFile, "utf8");
  const made = await client.createOrUpdateEnrollmentGroup({
    enrollmentGroupId,
    attestation: { type: "x509", x509: { signingCertificates: { primary: { certificate } } } },
    provisioningStatus: "enabled",
  });
  const read = (await client.getEnrollmentGroup(enrollmentGroupId)).responseBody;
  const { responseBody: items } = await client
    .createEnrollmentGroupQuery({ query: "SELECT * FROM enrollmentGroups" }, 10)
    .next();
  await client.deleteEnrollmentGroup(read);
  const gone = await client.getEnrollmentGroup(enrollmentGroupId).then(
    () => "still there",
    (error) => error.name,
  );
  const ids = items.map((item) => item.enrollmentGroupId);
  process.stdout.write(
    JSON.stringify({ made: made.responseBody.enrollmentGroupId, read: read.etag !== undefined, ids, gone }),
  );
}

main().catch((error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 1;
});
