import { createHash } from 'node:crypto';
import type { Checksums } from './body.ts';
import {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  type ChecksumAlgorithm,
  checksumXmlName,
  startChecksum,
} from './checksums.ts';
import { s3Error } from './errors.ts';
import type { Part } from './multipart-store.ts';
import { children, childText, type ParsedXml, parseXml } from './xml.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;

/** A part as `CompleteMultipartUpload` lists it. */
export interface ListedPart {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  /** Those the client tells. */
  readonly checksums: Checksums;
}

/** Reads the list of parts. @throws AwsError `MalformedXML` */
export function parseListedParts(text: string): ListedPart[] {
  const parts = children(parseXml(text, 'CompleteMultipartUpload'), 'Part').map((part) => ({
    partNumber: Number(childText(part, 'PartNumber') ?? Number.NaN),
    etag: (childText(part, 'ETag') ?? '').trim().replaceAll('"', ''),
    checksums: listedChecksums(part),
  }));
  const wellFormed = parts.every((part) => Number.isInteger(part.partNumber) && part.etag !== '');
  if (parts.length === 0 || !wellFormed) throw s3Error('MalformedXML');
  return parts;
}

/**
 * The uploaded parts that make up the object.
 * @throws AwsError `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`
 */
export function chooseParts(listed: readonly ListedPart[], uploaded: readonly Part[]): Part[] {
  const byNumber = new Map(uploaded.map((part) => [part.partNumber, part]));
  const disordered = listed.some(
    ({ partNumber }, index) => index > 0 && partNumber <= listed[index - 1]!.partNumber,
  );
  if (disordered) throw s3Error('InvalidPartOrder');
  return listed.map(({ partNumber, etag, checksums }, index) => {
    const part = byNumber.get(partNumber);
    const checksumDiffers = CHECKSUM_ALGORITHMS.some(
      (name) => checksums[name] !== undefined && checksums[name] !== part?.checksums[name],
    );
    if (!part || part.etag !== etag || checksumDiffers) {
      throw s3Error('InvalidPart', `Part ${partNumber} was never uploaded as listed.`);
    }
    if (index < listed.length - 1 && part.sizeBytes < MIN_PART_BYTES) {
      throw s3Error('EntityTooSmall', `Part ${partNumber} is smaller than 5 MiB.`);
    }
    return part;
  });
}

/** The MD5 of the parts' MD5s, and how many they are. */
export function etagOfParts(parts: readonly Pick<Part, 'etag'>[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

/** The checksum of the parts' checksums, and how many they are. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly Part[]): Checksum {
  const hash = startChecksum(algorithm);
  for (const part of parts) hash.update(Buffer.from(part.checksums[algorithm] ?? '', 'base64'));
  const value = `${hash.digest().toString('base64')}-${parts.length}`;
  return { algorithm, type: 'COMPOSITE', value };
}

function listedChecksums(part: ParsedXml): Checksums {
  const checksums: Checksums = {};
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    checksums[algorithm] = childText(part, checksumXmlName(algorithm));
  }
  return checksums;
}
