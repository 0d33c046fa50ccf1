import { createHash } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { crc32c, crc64nvme } from './crc.ts';
import { s3Error } from './errors.ts';

/** A hash that is fed as the bytes go by. */
export interface RunningHash {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

/** Passes bytes on, and every hash has seen them. */
export async function* feed(
  source: AsyncIterable<Buffer>,
  hashes: readonly RunningHash[],
): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    for (const hash of hashes) hash.update(chunk);
    yield chunk;
  }
}

/** How each checksum is computed, and what the XML of S3 calls it. Headers: `x-amz-checksum-<name>`. */
const ALGORITHMS = {
  crc32: { start: crc32, xmlName: 'ChecksumCRC32' },
  crc32c: { start: crc32c, xmlName: 'ChecksumCRC32C' },
  crc64nvme: { start: crc64nvme, xmlName: 'ChecksumCRC64NVME' },
  sha1: { start: () => createHash('sha1'), xmlName: 'ChecksumSHA1' },
  sha256: { start: () => createHash('sha256'), xmlName: 'ChecksumSHA256' },
} as const satisfies Record<string, { start: () => RunningHash; xmlName: string }>;

export type ChecksumAlgorithm = keyof typeof ALGORITHMS;
/** FULL_OBJECT is over the bytes; COMPOSITE over the checksums of the parts, with `-<parts>` behind. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A checksum kept with an object: base64, as it travels. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
}

export const CHECKSUM_ALGORITHMS = Object.keys(ALGORITHMS) as ChecksumAlgorithm[];

export function startChecksum(algorithm: ChecksumAlgorithm): RunningHash {
  return ALGORITHMS[algorithm].start();
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm}`;
}

export function checksumXmlName(algorithm: ChecksumAlgorithm): string {
  return ALGORITHMS[algorithm].xmlName;
}

/**
 * Reads the name of an algorithm as clients write it, for example `CRC32`.
 * @throws AwsError `InvalidRequest` for a name S3 does not know
 */
export function parseAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name.toLowerCase());
  if (!algorithm) {
    throw s3Error('InvalidRequest', `${name} is none of ${CHECKSUM_ALGORITHMS.join(', ')}.`);
  }
  return algorithm;
}

/** The headers that tell a checksum to the client. */
export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {};
  return {
    [checksumHeader(checksum.algorithm)]: checksum.value,
    'x-amz-checksum-type': checksum.type,
  };
}

/** The elements that tell a checksum to the client. */
export function checksumElements(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {};
  return { [checksumXmlName(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type };
}

function crc32(): RunningHash {
  let crc = 0;
  return {
    update(chunk) {
      crc = zlibCrc32(chunk, crc);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(crc);
      return bytes;
    },
  };
}
