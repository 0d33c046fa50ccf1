import { describe, expect, it } from 'vitest';
import { type FileOrigin, fileMetadata, readFileMetadata, rungsOf } from './file-metadata.ts';
import { largestReceipt } from './receipt.fixture.ts';

const ORIGIN: FileOrigin = {
  tenantId: 't'.repeat(128),
  execution: { executionId: 'a'.repeat(32), executionStartedAt: '2026-03-01T12:00:00.000Z' },
  correlationId: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
  renditions: ['720p', '1080p'],
};

const SHA256 = 'd'.repeat(64);

describe('the metadata of a finished file', () => {
  it.each([1, 5, 100])(
    'tell all that is needed, in 2 KB, of %i segments at their worst',
    (count) => {
      const metadata = fileMetadata(ORIGIN, largestReceipt(count), SHA256);
      const text = Object.entries(metadata).flat().join('');
      expect(text).toMatch(/^[\x20-\x7e]+$/);
      expect(text.length).toBeLessThanOrEqual(2_048);
      expect(readFileMetadata(metadata)).toEqual(ORIGIN);
    },
  );

  it('say nothing of renditions where there are to be none', () => {
    const metadata = fileMetadata({ ...ORIGIN, renditions: [] }, largestReceipt(1), SHA256);
    expect(metadata).not.toHaveProperty('renditions');
    expect(rungsOf(readFileMetadata(metadata)!)).toEqual(['source']);
    expect(rungsOf(ORIGIN)).toEqual(['source', '720p', '1080p']);
  });

  it.each([
    ['put there by hand', {}],
    ['of an earlier version', { 'tenant-id': undefined }],
    ['of a tenant that cannot be', { 'tenant-id': 'processing' }],
    ['of an execution that cannot be', { 'execution-id': '../..' }],
  ])('are not taken from a file %s', (_, changes) => {
    const given = { ...fileMetadata(ORIGIN, largestReceipt(1), SHA256), ...changes };
    const metadata = Object.keys(changes).length > 0 ? given : changes;
    expect(readFileMetadata(metadata as Record<string, string>)).toBeUndefined();
  });

  it('ask for no rendition that there is not', () => {
    const metadata = {
      ...fileMetadata(ORIGIN, largestReceipt(1), SHA256),
      renditions: '4320p,720p',
    };
    expect(readFileMetadata(metadata)?.renditions).toEqual(['720p']);
  });
});
