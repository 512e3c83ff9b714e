"""A device on azure-iot-device: registers with X.509 and sends one message to the hub it is given.

Arguments: ID scope, registration ID, certificate file, key file, transport (mqtt, websockets).
"""

import json
import sys

from azure.iot.device import X509, IoTHubDeviceClient, Message, ProvisioningDeviceClient

id_scope, registration_id, certificate_file, key_file, transport = sys.argv[1:]
x509 = X509(certificate_file, key_file)
websockets = transport == "websockets"

provisioning = ProvisioningDeviceClient.create_from_x509_certificate(
    provisioning_host="global.azure-devices-provisioning.net",
    registration_id=registration_id,
    id_scope=id_scope,
    x509=x509,
    websockets=websockets,
)
result = provisioning.register()
state = result.registration_state

client = IoTHubDeviceClient.create_from_x509_certificate(
    x509=x509, hostname=state.assigned_hub, device_id=state.device_id, websockets=websockets
)
client.connect()
message = Message(json.dumps({"temperature": 21}))
message.message_id = "from-python-" + transport
message.content_type = "application/json"
message.content_encoding = "utf-8"
message.custom_properties["line"] = "a b/c"
client.send_message(message)
client.shutdown()
print(json.dumps({"assignedHub": state.assigned_hub, "deviceId": state.device_id, "status": result.status}))
