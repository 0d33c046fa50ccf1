import { expect, it } from 'vitest';
import type { ClipRecord } from '#shared/clip/clip-record';
import { clipTable } from './clip-table.ts';

const record = (changes: Partial<ClipRecord>) =>
  ({ clipId: 'one', status: 'Generation Complete', ...changes }) as ClipRecord;

it('marks a clip that is less than what was asked for, and says in what', () => {
  const warnings = [
    { code: 'DEINTERLACED' as const, message: 'It was interlaced.', segmentIndex: 0 },
    { code: 'AUDIO_MISSING' as const, message: 'It is silent.', segmentIndex: 1, atMs: 61_500 },
  ];
  const text = clipTable([
    { record: record({ clipId: 'warned', warnings, moreWarnings: 3 }) },
    { record: record({ clipId: 'clean' }) },
  ]);
  expect(text).toMatch(/│ warned +│ Generation Complete ⚠ │/);
  expect(text).toMatch(/│ clean +│ Generation Complete +│/);
  expect(text.split('\n').slice(-3)).toEqual([
    'warned: ⚠ DEINTERLACED: It was interlaced.',
    'warned: ⚠ AUDIO_MISSING at 00:01:01.500: It is silent.',
    'warned: ⚠ 3 more warnings',
  ]);
  expect(text.match(/⚠/g)).toHaveLength(4);
});
