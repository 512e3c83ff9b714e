/** Azure divides the hashes of keys into so many logical partitions, and these into ranges, one for each partition. */
const LOGICAL_PARTITIONS = 32_767;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** Bob Jenkins's hash lookup3 of a key with the seeds 0, both of its words combined, as a signed number of 16 bits. */
function hashOf(key: Buffer): number {
  let a = (0xdeadbeef + key.length) | 0;
  let b = a;
  let c = a;
  const padded = Buffer.alloc(Math.ceil(key.length / 12) * 12);
  key.copy(padded);
  for (let at = 0; at < padded.length; at += 12) {
    a = (a + padded.readUInt32LE(at)) | 0;
    b = (b + padded.readUInt32LE(at + 4)) | 0;
    c = (c + padded.readUInt32LE(at + 8)) | 0;
    if (at + 12 >= padded.length) break;
    a = ((a - c) | 0) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return ((b ^ c) << 16) >> 16;
}

/**
 * Returns the partition of a device's events, as Azure chooses it: the end-to-end tests of Microsoft's C SDK read only this one
 * (azure-iot-sdk-c, testtools/iothub_test, `ResolvePartitionIndex`; the same in the .NET SDK, `EventHubPartitionKeyResolver`).
 * Letter case makes no difference.
 */
export function partitionOf(deviceId: string, partitionCount: number): number {
  const count = Math.max(1, partitionCount);
  const logical = Math.abs(hashOf(Buffer.from(deviceId.toUpperCase(), "latin1")) % LOGICAL_PARTITIONS);
  const width = Math.floor(LOGICAL_PARTITIONS / count);
  const wider = LOGICAL_PARTITIONS % count;
  const end = (width + 1) * wider;
  return logical < end ? Math.floor(logical / (width + 1)) : wider + Math.floor((logical - end) / width);
}
