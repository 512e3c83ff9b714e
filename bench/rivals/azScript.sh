#!/usr/bin/env bash
# What a user writes without this toolkit: the environment of the dev stack by az, openssl and curl. Its arguments: a name
# that makes resources unique, and an empty folder. az is signed in, and the shell points at the cloud.
set -euo pipefail
name=$1
cd "$2"
group="$name-rg" hub="$name-hub" dps="$name-dps"
api="https://$dps.azure-devices-provisioning.net"
json=(-H "Content-Type: application/json")

az group create --name "$group" --location westeurope --output none
az iot hub create --name "$hub" --resource-group "$group" --sku S1 --output none
az iot dps create --name "$dps" --resource-group "$group" --output none
connection=$(az iot hub connection-string show --hub-name "$hub" --resource-group "$group" --query connectionString --output tsv 2>connection.log ||
  printf 'HostName=%s.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=%s' "$hub" \
    "$(az iot hub policy show --hub-name "$hub" --resource-group "$group" --name iothubowner --query primaryKey --output tsv)")
az iot dps linked-hub create --dps-name "$dps" --resource-group "$group" --connection-string "$connection" --location westeurope --output none
scope=$(az iot dps show --name "$dps" --resource-group "$group" --query properties.idScope --output tsv)

# A root, an intermediate, and the root's proof of possession.
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
sign() { # NAME ISSUER DAYS EXTENSIONS
  openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$3" -extfile <(printf '%b' "$4") -out "$1.pem" 2>/dev/null
}
ca='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n'
leaf='basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n'
key root && openssl req -x509 -new -key root.key -subj "/CN=Root" -days 3650 -out root.pem \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
key intermediate && sign intermediate root 1825 "$ca"
certificate=(--dps-name "$dps" --resource-group "$group" --certificate-name root)
etag=$(az iot dps certificate create "${certificate[@]}" --path root.pem --query etag --output tsv)
read -r etag code < <(az iot dps certificate generate-verification-code "${certificate[@]}" --etag "$etag" \
  --query '[etag, properties.verificationCode]' --output tsv | paste -sd ' ')
key "$code" && sign "$code" root 1 "$leaf"
az iot dps certificate verify "${certificate[@]}" --path "$code.pem" --etag "$etag" --output none

# Enrollments. az needs its extension azure-iot for them, which every package index lacks; curl sends what it sends.
token=$(az account get-access-token --resource https://azure-devices-provisioning.net --query accessToken --output tsv)
attestation='"attestation": {"type": "x509", "x509": {"caReferences": {"primary": "root"}}}'
printf 'Authorization: Bearer %s' "$token" >bearer
put() { curl --fail --silent --show-error --output /dev/null -X PUT -H @bearer "${json[@]}" --data "$2" "$api$1?api-version=2021-10-01"; }
put /enrollmentGroups/sample-group "{\"enrollmentGroupId\": \"sample-group\", $attestation}"
put /enrollments/individual-device-01 "{\"registrationId\": \"individual-device-01\", \"deviceId\": \"sensor-01\", $attestation}"

# Two devices register and send a message.
for device in group-device-01 individual-device-01; do
  key "$device" && sign "$device" intermediate 365 "$leaf" && cat "$device.pem" intermediate.pem root.pem >"$device-chain.pem"
  ask=(curl --fail --silent --show-error --cert "$device-chain.pem" --key "$device.key" "${json[@]}")
  url="https://global.azure-devices-provisioning.net/$scope/registrations/$device"
  operation=$("${ask[@]}" -X PUT --data "{\"registrationId\": \"$device\"}" "$url/register?api-version=2021-06-01" | sed 's/.*"operationId":"\([^"]*\)".*/\1/')
  until state=$("${ask[@]}" "$url/operations/$operation?api-version=2021-06-01") && [[ $state == *'"status":"assigned"'* ]]; do sleep 1; done
  id=$(sed 's/.*"deviceId":"\([^"]*\)".*/\1/' <<<"$state")
  "${ask[@]}" --data '{"temperature": 30}' "https://$hub.azure-devices.net/devices/$id/messages/events?api-version=2020-03-13"
done
