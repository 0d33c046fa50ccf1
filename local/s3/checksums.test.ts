import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKSUM_ALGORITHMS, parseAlgorithm, startChecksum } from './checksums.ts';

describe('checksums', () => {
  // The check values of the CRC catalogue and of FIPS 180, over the digits 1 to 9.
  it.each([
    ['crc32', 'cbf43926'],
    ['crc32c', 'e3069283'],
    ['crc64nvme', 'ae8b14860a799888'],
    ['sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['sha256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ] as const)('%s', (algorithm, hex) => {
    const hash = startChecksum(algorithm);
    hash.update(Buffer.from('123456789'));
    expect(hash.digest().toString('hex')).toBe(hex);
  });

  it.each(CHECKSUM_ALGORITHMS)('%s is the same however the bytes arrive', (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const piecewise = startChecksum(algorithm);
        for (const chunk of chunks) piecewise.update(chunk);
        const whole = startChecksum(algorithm);
        whole.update(Buffer.concat(chunks));
        expect(piecewise.digest()).toEqual(whole.digest());
      }),
    );
  });

  it('are known by the names clients use', () => {
    expect(parseAlgorithm('CRC64NVME')).toBe('crc64nvme');
    expect(() => parseAlgorithm('MD5')).toThrow(
      expect.objectContaining({ code: 'InvalidRequest' }),
    );
  });
});
