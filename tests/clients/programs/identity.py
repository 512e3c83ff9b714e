"""Signs in with azure-identity as the environment says, and prints the token's claims or what was said of the refusal."""
import base64
import json
import os

import azure.identity

options = json.loads(os.environ.get("CREDENTIAL_OPTIONS", "{}"))
credential = getattr(azure.identity, os.environ["CREDENTIAL"])(**options)
try:
    token = credential.get_token("https://management.azure.com/.default").token
    claims = token.split(".")[1]
    print(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode())
except Exception as error:
    print(json.dumps({"error": str(error)}))
