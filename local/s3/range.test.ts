import { describe, expect, it } from 'vitest';
import { parseCopyRange, parseRange } from './range.ts';

describe('Range', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-5', { start: 2, end: 5 }],
    ['bytes=2-500', { start: 2, end: 9 }],
    ['bytes=7-', { start: 7, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-300', { start: 0, end: 9 }],
    [undefined, undefined],
    ['bytes=-', undefined],
    ['bytes=5-2', undefined],
    ['bytes=0-1,3-4', undefined],
    ['seconds=0-1', undefined],
  ])('%s of ten bytes', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  it.each([
    ['bytes=10-', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
  ])('%s of %i bytes does not exist', (header, sizeBytes) => {
    expect(() => parseRange(header, sizeBytes)).toThrow(
      expect.objectContaining({ code: 'InvalidRange', statusCode: 416 }),
    );
  });
});

describe('x-amz-copy-source-range', () => {
  it('must lie within the source', () => {
    expect(parseCopyRange('bytes=2-9', 10)).toEqual({ start: 2, end: 9 });
    expect(parseCopyRange(undefined, 10)).toBeUndefined();
    expect(() => parseCopyRange('bytes=2-10', 10)).toThrow(
      expect.objectContaining({ code: 'InvalidRange' }),
    );
    expect(() => parseCopyRange('bytes=2-', 10)).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }),
    );
  });
});
