/**
 * The two CRCs that Node lacks, table-driven, a byte at a time.
 * Both are reflected, start from all ones and end inverted, as S3 wants them.
 */
import type { RunningHash } from './checksums.ts';

const CRC32C_POLYNOMIAL = 0x82f63b78; // RFC 3720, Castagnoli, reflected
const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n; // NVM Express Base Specification, reflected

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ CRC32C_POLYNOMIAL : crc >>> 1;
  return crc;
});

const CRC64NVME_TABLE = BigUint64Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ CRC64NVME_POLYNOMIAL : crc >> 1n;
  return crc;
});
// Halves, because BigInt arithmetic per byte would be thirty times slower.
const TABLE_HIGH = Uint32Array.from(CRC64NVME_TABLE, (crc) => Number(crc >> 32n));
const TABLE_LOW = Uint32Array.from(CRC64NVME_TABLE, (crc) => Number(crc & 0xffffffffn));

/** CRC-32C; the digest is 4 bytes, big-endian. */
export function crc32c(): RunningHash {
  let crc = 0xffffffff;
  return {
    update(chunk) {
      for (let at = 0; at < chunk.length; at++) {
        crc = (crc >>> 8) ^ CRC32C_TABLE[(crc ^ chunk[at]!) & 0xff]!;
      }
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(~crc >>> 0);
      return bytes;
    },
  };
}

/** CRC-64/NVME; the digest is 8 bytes, big-endian. */
export function crc64nvme(): RunningHash {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(chunk) {
      for (let at = 0; at < chunk.length; at++) {
        const entry = (low ^ chunk[at]!) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ TABLE_LOW[entry]!;
        high = (high >>> 8) ^ TABLE_HIGH[entry]!;
      }
    },
    digest() {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(~high >>> 0, 0);
      bytes.writeUInt32BE(~low >>> 0, 4);
      return bytes;
    },
  };
}
