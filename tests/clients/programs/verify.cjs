"use strict";
/**
 * Uploads a CA certificate and proves possession of its key with @azure/arm-deviceprovisioningservices, as Microsoft's
 * reference "Dps Certificate – Verify Certificate" says; the leaf is made with the openssl program. Arguments: resource
 * group, provisioning service, name for the certificate, files of the CA's certificate and key, common name to try first.
 */
const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { IotDpsClient } = require("@azure/arm-deviceprovisioningservices");
const { DefaultAzureCredential } = require("@azure/identity");

const [group, service, name, caFile, keyFile, wrongCode] = process.argv.slice(2);

function leafFor(code) {
  const openssl = (...args) => execFileSync("openssl", args, { stdio: "pipe" });
  openssl(
    "req",
    "-new",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "leaf.key",
    "-subj",
    `/CN=${code}`,
    "-out",
    "leaf.csr",
  );
  openssl(
    "x509",
    "-req",
    "-in",
    "leaf.csr",
    "-CA",
    caFile,
    "-CAkey",
    keyFile,
    "-CAcreateserial",
    "-days",
    "1",
    "-out",
    "leaf.pem",
  );
  return { certificate: readFileSync("leaf.pem", "utf8") };
}

async function main() {
  const client = new IotDpsClient(new DefaultAzureCredential(), process.env.AZURE_SUBSCRIPTION_ID);
  const certificates = client.dpsCertificate;
  const certificate = Uint8Array.from(readFileSync(caFile));
  const uploaded = await certificates.createOrUpdate(group, service, name, { properties: { certificate } });
  const first = await certificates.generateVerificationCode(name, uploaded.etag, group, service);
  const refused = await certificates.verifyCertificate(name, first.etag, group, service, leafFor(wrongCode)).then(
    () => "verified",
    (error) => [error.statusCode, error.code],
  );
  const stale = await certificates
    .verifyCertificate(name, uploaded.etag, group, service, leafFor(first.properties.verificationCode))
    .then(
      () => "verified",
      (error) => [error.statusCode, error.code],
    );
  const coded = await certificates.generateVerificationCode(name, first.etag, group, service);
  const proof = leafFor(coded.properties.verificationCode);
  const verified = await certificates.verifyCertificate(name, coded.etag, group, service, proof);
  const seen = [uploaded, coded, verified].map(({ properties }) => properties.isVerified);
  const { subject, thumbprint } = verified.properties;
  process.stdout.write(JSON.stringify({ seen, refused, stale, subject, thumbprint, type: verified.type }));
}

main().catch((error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 1;
});
