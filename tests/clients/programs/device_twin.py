"""A device on azure-iot-device: reads its twin, reports, responds to one direct method and waits for one desired patch.

Arguments: connection string, transport (mqtt, websockets).
"""

import json
import sys
import threading

from azure.iot.device import IoTHubDeviceClient, MethodResponse

connection_string, transport = sys.argv[1:]
client = IoTHubDeviceClient.create_from_connection_string(connection_string, websockets=transport == "websockets")
seen = {}
patched = threading.Event()


def on_method(request):
    seen["method"] = [request.name, request.payload]
    client.send_method_response(MethodResponse.create_from_method_request(request, 201, {"echo": request.payload}))


def on_patch(patch):
    seen["patch"] = patch
    patched.set()


client.connect()
client.on_twin_desired_properties_patch_received = on_patch
seen["before"] = client.get_twin()
client.patch_twin_reported_properties({"firmware": "1.2"})
seen["after"] = client.get_twin()["reported"]
client.on_method_request_received = on_method
patched.wait(60)
client.shutdown()
print(json.dumps(seen))
