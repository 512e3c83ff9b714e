"""Finds a hub's built-in events endpoint as `az iot hub monitor-events` does: by the redirect of a link at the hub's own host.

Arguments: host name of the hub, policy, key.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections import namedtuple
from urllib.parse import quote_plus

from azure.eventhub._pyamqp import ReceiveClient
from azure.eventhub._pyamqp.authentication import _CBSAuth
from azure.eventhub._pyamqp.error import AMQPLinkRedirect

host, policy, key = sys.argv[1:]
AccessToken = namedtuple("AccessToken", ["token", "expires_on"])


def token():
    expiry = int(time.time()) + 360
    signed = f"{quote_plus(host)}\n{expiry}".encode()
    signature = base64.b64encode(hmac.new(base64.b64decode(key), signed, hashlib.sha256).digest())
    return AccessToken(
        f"SharedAccessSignature sr={quote_plus(host)}&sig={quote_plus(signature)}&se={expiry}&skn={policy}", expiry
    )


source = f"amqps://{host}/messages/events/$management"
auth = _CBSAuth(
    uri=source, audience=host, token_type=b"servicebus.windows.net:sastoken", get_token=token, expires_in=360
)
client = ReceiveClient(
    hostname=host, source=source, auth=auth, timeout=30, prefetch=1, connection_verify=os.environ["SSL_CERT_FILE"]
)
try:
    client.open()
    client.receive_message_batch(max_batch_size=1, timeout=5)
    sys.exit("no redirect")
except AMQPLinkRedirect as redirect:
    info = {(name.decode() if isinstance(name, bytes) else name): value for name, value in redirect.info.items()}
    print(json.dumps({name: value.decode() if isinstance(value, bytes) else value for name, value in info.items()}))
finally:
    client.close()
