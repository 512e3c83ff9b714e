#!/bin/sh
# Serves an instance in a container. The keys of the instance are mounted read-only, and the endpoint keeps its files beside
# its keys, so they are copied. Errors of the endpoint are on standard error, and its exit code is the container's.
set -eu
umask 077
folder=${OPERATOR_FOLDER:-/var/lib/operator}
keys=${OPERATOR_KEYS:-/run/operator-keys}
instance=${OPERATOR_INSTANCE:?names the instance, such as zt01}
mkdir -p "$folder/$instance"
for key in ssh_host_ed25519_key instance.key; do
  if [ -f "$keys/$key" ]; then
    cat "$keys/$key" > "$folder/$instance/$key"
  fi
done
if [ -n "${OPERATOR_AUTHORITY:-}" ]; then
  printf '%s\n' "$OPERATOR_AUTHORITY" > "$folder/authority.crt"
fi
cd "$(dirname "$0")/../.."
exec node cli/zero-touch.cjs operator serve \
  --instance "$instance" \
  --stack "${OPERATOR_STACK:?names the stack}" \
  --host 0.0.0.0 \
  --port "${OPERATOR_PORT:-2222}" \
  --folder "$folder" \
  --configuration backend \
  --store "${OPERATOR_STORE:?is the URL of the blob container that the instances share}" \
  --transcripts "${OPERATOR_TRANSCRIPTS:?is the URL of the blob container for transcripts}" \
  --administrator-key "${OPERATOR_ADMINISTRATOR_KEY:?is the SSH public key of the first administrator}"
