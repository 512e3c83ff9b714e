"""Walks a secret through its life with azure-keyvault-secrets, signed in as the environment says; prints what it saw."""
import json
import sys

from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.keyvault.secrets import SecretClient

client = SecretClient(vault_url="https://%s.vault.azure.net" % sys.argv[1], credential=DefaultAzureCredential())


def refusal(work):
    try:
        work()
    except HttpResponseError as error:
        return [error.status_code, error.error.code]
    return None


seen = {}
client.set_secret("from-python", "first")
client.set_secret("from-python", "second", content_type="text/plain", tags={"made": "python"})
seen["value"] = client.get_secret("from-python").value
seen["versions"] = len(list(client.list_properties_of_secret_versions("from-python")))
for index in range(30):
    client.set_secret("page-%02d" % index, str(index))
seen["listed"] = len([each for each in client.list_properties_of_secrets() if each.name.startswith("page-")])
backup = client.backup_secret("from-python")
seen["deleted"] = client.begin_delete_secret("from-python").result().recovery_id
seen["inTheWay"] = refusal(lambda: client.set_secret("from-python", "third"))
seen["recovered"] = client.begin_recover_deleted_secret("from-python").result().name
client.begin_delete_secret("from-python").wait()
client.purge_deleted_secret("from-python")
seen["gone"] = refusal(lambda: client.get_secret("from-python"))
seen["restored"] = client.restore_secret_backup(backup).name
seen["again"] = client.get_secret("from-python").value
print(json.dumps(seen))
