import { expect, it } from 'vitest';
import { EXAMPLE_SEGMENT_RECEIPT } from '#shared/events/receipt';
import { assertNoWarnings, withJoinWarnings } from './join-warnings.ts';

const LEVELS = {
  code: 'LEVELS_CHANGED' as const,
  message: 'Encoded frames are 3 of 255 brighter than copied ones.',
  segmentIndex: 1,
  atMs: 6_000,
};
const joined = { warnings: [{ ...LEVELS, segmentIndex: 0 }, LEVELS] };

it('what the join warns of stands in the receipt of its segment, behind what was known', () => {
  const known = { code: 'DEINTERLACED' as const, message: 'It was interlaced.', segmentIndex: 1 };
  const receipt = { ...EXAMPLE_SEGMENT_RECEIPT, warnings: [known], moreWarnings: 2 };
  expect(withJoinWarnings(receipt, joined, 1, 2)).toEqual({
    ...receipt,
    warnings: [known, LEVELS],
    moreWarnings: 2,
  });
  expect(withJoinWarnings(receipt, joined, 2, 3)).toBe(receipt);
  expect(withJoinWarnings(receipt, {}, 0, 1)).toBe(receipt);
});

it('a warning of the join fails a strict request, with its code and its sentence', () => {
  expect(() => assertNoWarnings(joined)).toThrow(
    expect.objectContaining({
      name: 'PermanentError',
      code: LEVELS.code,
      message: LEVELS.message,
    }),
  );
  expect(() => assertNoWarnings({ warnings: [] })).not.toThrow();
  expect(() => assertNoWarnings({})).not.toThrow();
});
