"""Walks keys and certificates of a vault with Azure's own clients, signed in as the environment says; prints what it saw."""
import base64
import hashlib
import json
import sys

from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy, KeyType
from azure.keyvault.keys import KeyClient, KeyRotationLifetimeAction, KeyRotationPolicy, KeyRotationPolicyAction
from azure.keyvault.keys.crypto import CryptographyClient, EncryptionAlgorithm, KeyWrapAlgorithm, SignatureAlgorithm
from azure.keyvault.secrets import SecretClient
from cryptography.hazmat.primitives.serialization import pkcs12

url = "https://%s.vault.azure.net" % sys.argv[1]
credential = DefaultAzureCredential()
keys = KeyClient(vault_url=url, credential=credential)
certificates = CertificateClient(vault_url=url, credential=credential)
secrets = SecretClient(vault_url=url, credential=credential)


def refusal(work):
    try:
        work()
    except HttpResponseError as error:
        return [error.status_code, error.error.code]
    return None


seen = {}
data = b"what is signed"
digest = hashlib.sha256(data).digest()
ec = keys.create_ec_key("py-ec", curve="P-256")
signer = CryptographyClient(ec, credential=credential)
signed = signer.sign(SignatureAlgorithm.es256, digest)
seen["verified"] = signer.verify(SignatureAlgorithm.es256, digest, signed.signature).is_valid
seen["signature"] = base64.b64encode(signed.signature).decode()
seen["x"], seen["y"] = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in (ec.key.x, ec.key.y)]
rsa = CryptographyClient(keys.create_rsa_key("py-rsa", size=2048), credential=credential)
sealed = rsa.encrypt(EncryptionAlgorithm.rsa_oaep_256, b"opened in the vault")
seen["opened"] = rsa.decrypt(EncryptionAlgorithm.rsa_oaep_256, sealed.ciphertext).plaintext.decode()
wrapped = rsa.wrap_key(KeyWrapAlgorithm.rsa1_5, digest)
seen["unwrapped"] = rsa.unwrap_key(KeyWrapAlgorithm.rsa1_5, wrapped.encrypted_key).key == digest
policy = KeyRotationPolicy(
    lifetime_actions=[KeyRotationLifetimeAction(KeyRotationPolicyAction.rotate, time_after_create="P90D")],
    expires_in="P180D",
)
seen["expires"] = keys.update_key_rotation_policy("py-ec", policy).expires_in
seen["rotated"] = keys.rotate_key("py-ec").properties.expires_on is not None
seen["versions"] = len(list(keys.list_properties_of_key_versions("py-ec")))
backup = keys.backup_key("py-ec")
keys.begin_delete_key("py-ec").result()
seen["inTheWay"] = refusal(lambda: keys.create_ec_key("py-ec"))
keys.purge_deleted_key("py-ec")
seen["gone"] = refusal(lambda: keys.get_key("py-ec"))
seen["restored"] = keys.restore_key_backup(backup).name

wish = CertificatePolicy(
    issuer_name="Self", subject="CN=py-self", key_type=KeyType.ec, key_curve_name="P-256", exportable=True
)
made = certificates.begin_create_certificate("py-self", wish).result()
seen["made"] = [made.name, made.policy.issuer_name]
private, leaf, _ = pkcs12.load_key_and_certificates(base64.b64decode(secrets.get_secret("py-self").value), None)
seen["pfx"] = leaf.public_key().public_numbers() == private.public_key().public_numbers()
print(json.dumps(seen))
