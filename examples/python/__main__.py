"""An IoT hub, a provisioning service with a verified root, and an enrollment group."""

import azure_iot_zero_touch as zero_touch
import pulumi
from azure_iot_zero_touch import iot
from pulumi_azure_native import resources

LOCATION = "northeurope"

plants = resources.ResourceGroup("plants", location=LOCATION)
hub = iot.IotHub(
    "plants", resource_group_name=plants.name, location=LOCATION, minimum_tls="1.2", local_auth="enabled"
)
service = iot.ProvisioningService(
    "plants",
    resource_group_name=plants.name,
    location=LOCATION,
    hubs=[{"host_name": hub.host_name, "location": LOCATION, "resource_id": hub.resource_id}],
)
ca = iot.CertificateAuthority("plants", root_name="Plants root", intermediate_name="Plants line 1")
root = iot.VerifiedCertificate(
    "plants",
    service={"resource_id": service.resource_id},
    name="plants-root",
    authority={"certificate": ca.root.certificate, "chain": ca.root.chain, "key": ca.root.key},
)
iot.EnrollmentGroup(
    "presses",
    service={"service_endpoint": service.service_endpoint},
    enrollment_group_id="presses",
    ca_reference=root.name,
)
# The resource itself, without its component.
meter = zero_touch.IndividualEnrollment(
    "meter", service_endpoint=service.service_endpoint, registration_id="meter-0001", symmetric_key={}
)
pulumi.export("idScope", service.id_scope)
pulumi.export("thumbprint", root.thumbprint)
pulumi.export("meterKey", meter.primary_key)
