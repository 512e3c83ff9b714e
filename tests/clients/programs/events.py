"""Reads a hub's events with azure-eventhub until COUNT have come; prints them as JSON.

Arguments: connection string of the built-in endpoint, how many events, transport (amqp, websockets).
"""

import json
import os
import sys
import threading
from urllib.parse import urlsplit

from azure.eventhub import EventHubConsumerClient, TransportType

connection_string, count, transport = sys.argv[1], int(sys.argv[2]), sys.argv[3]
options = {}
if transport == "websockets":
    proxy = urlsplit(os.environ["HTTPS_PROXY"])
    options = {
        "transport_type": TransportType.AmqpOverWebsocket,
        "http_proxy": {"proxy_hostname": proxy.hostname, "proxy_port": proxy.port},
    }
if "UseDevelopmentEmulator" not in connection_string:
    # azure-eventhub reads no variable for its trusted certificates.
    options["connection_verify"] = os.environ["SSL_CERT_FILE"]

client = EventHubConsumerClient.from_connection_string(connection_string, consumer_group="$Default", **options)
events = []
done = threading.Event()


def on_event(context, event):
    events.append(
        {
            "partition": context.partition_id,
            "sequenceNumber": event.sequence_number,
            "offset": event.offset,
            "body": json.loads(event.body_as_str()),
            "device": event.system_properties[b"iothub-connection-device-id"].decode(),
            "properties": {name.decode(): value.decode() for name, value in event.properties.items()},
        }
    )
    if len(events) >= count:
        done.set()


receiving = threading.Thread(
    target=client.receive, kwargs={"on_event": on_event, "starting_position": "-1"}, daemon=True
)
receiving.start()
came = done.wait(60)
partitions = client.get_partition_ids()
client.close()
receiving.join(10)
print(json.dumps({"partitions": partitions, "events": events}))
os._exit(0 if came else 1)
