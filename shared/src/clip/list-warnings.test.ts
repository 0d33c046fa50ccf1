import { describe, expect, it } from 'vitest';
import type { ClipWarning } from '../events/warnings.ts';
import { countWarnings, listClipWarnings, listSegmentWarnings } from './list-warnings.ts';

const warning = (changes: Partial<ClipWarning> = {}): ClipWarning => ({
  code: 'DAMAGE_CONCEALED',
  message: 'Packets are missing.',
  segmentIndex: 0,
  atMs: 1_000,
  ...changes,
});
const many = (count: number, changes: Partial<ClipWarning> = {}) =>
  Array.from({ length: count }, (_, n) => warning({ atMs: n, ...changes }));
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('the warnings of a segment', () => {
  it('are absent where there are none', () => {
    expect(listSegmentWarnings([], 1)).toEqual({});
  });

  it('are listed as they are where there is room', () => {
    const warnings = many(3);
    expect(listSegmentWarnings(warnings, 1)).toEqual({ warnings });
  });

  it('are 20 at most; those left out are counted', () => {
    const listed = listSegmentWarnings(many(50), 1, 7);
    expect(listed.warnings).toEqual(many(20));
    expect(listed.moreWarnings).toBe(37);
    expect(countWarnings(listed)).toBe(57);
  });

  it('never hide one kind behind another, and keep their order', () => {
    const last = warning({ code: 'CLOCK_REPAIRED', atMs: 90 });
    const { warnings } = listSegmentWarnings([...many(50), last], 1);
    expect(warnings).toEqual([...many(19), last]);
  });

  it('have short messages on one line', () => {
    const message = `Two\nlines ${'x'.repeat(1_000)}`;
    const [listed] = listSegmentWarnings([warning({ message })], 1).warnings!;
    expect(listed!.message).toMatch(/^Two lines x+…$/);
    expect(bytesOf(listed!.message)).toBeLessThanOrEqual(302);
  });

  it.each([1, 10, 100])('take a share of the room: 1 of %i segments', (segmentCount) => {
    const message = '"日\\ ünïcödé" '.repeat(100);
    const all = many(30, { message, code: 'DYNAMIC_RANGE_REDUCED', segmentIndex: 99 });
    const listed = listSegmentWarnings(all, segmentCount);
    expect(listed.warnings!.length).toBeGreaterThan(0);
    expect(countWarnings(listed)).toBe(30);
    expect(bytesOf(listed.warnings) * segmentCount).toBeLessThanOrEqual(24_500);
  });
});

it('the warnings of a clip are those of its segments, and all are counted', () => {
  const segments = Array.from({ length: 100 }, (_, segmentIndex) => ({
    ...listSegmentWarnings(many(5, { segmentIndex, message: 'm'.repeat(500) }), 100),
  }));
  const clip = listClipWarnings(segments);
  expect(countWarnings(clip)).toBe(500);
  expect(bytesOf(clip.warnings)).toBeLessThan(6_500);
  expect(clip.warnings!.length).toBeGreaterThan(10);
});
