# Read by the two launchers: sets `flags` to the options that Pulumi.yaml gives its runtime, as flags of the Node language
# host, one a line. They are kept by the file's checksum: to start Node for them takes longer than all else here.
flags=
folder=$PWD # That of `main` where it names one: Pulumi.yaml is above it.
while [ -n "$folder" ] && [ ! -f "$folder/Pulumi.yaml" ] && [ ! -f "$folder/Pulumi.yml" ]; do folder=${folder%/*}; done
for project in "$folder/Pulumi.yaml" "$folder/Pulumi.yml"; do
  [ -f "$project" ] || continue
  sum=$(cksum <"$project")
  kept=${0%/*}/../options-1/${sum%% *}-${sum##* }
  flags=$(cat "$kept" 2>/dev/null) && break
  flags=$(node "${0%/*}/runtime-options.cjs" "$project" 2>/dev/null) || break
  mkdir -p "${kept%/*}" && printf '%s\n' "$flags" >"$kept.$$" && mv -f "$kept.$$" "$kept"
  break
done
