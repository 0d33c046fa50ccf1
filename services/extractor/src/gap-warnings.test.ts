import { describe, expect, it } from 'vitest';
import { gapWarnings } from './gap-warnings.ts';

const request = (gaps: 'skip' | 'black') => ({ startMs: 5_000, endMs: 25_000, options: { gaps } });
const gap = (chunk: number) => ({ chunk, startMs: chunk * 6_000, endMs: (chunk + 1) * 6_000 });

describe('gapWarnings', () => {
  it('gives none where nothing is missing', () => {
    expect(gapWarnings(request('skip'), [])).toEqual([]);
  });

  it('gives one for each gap, however many chunks it has', () => {
    expect(gapWarnings(request('skip'), [gap(1), gap(3)])).toEqual([
      {
        code: 'SHORTER_THAN_ASKED',
        message:
          'From 00:00:06.000 to 00:00:12.000, chunk 1 of the playlist is missing: the clip skips that stretch.',
        atMs: 6_000,
      },
      {
        code: 'SHORTER_THAN_ASKED',
        message:
          'From 00:00:18.000 to 00:00:24.000, chunk 3 of the playlist is missing: the clip skips that stretch.',
        atMs: 18_000,
      },
    ]);
    expect(gapWarnings(request('black'), [gap(1), gap(2)])).toEqual([
      {
        code: 'FRAMES_MISSING',
        message:
          'From 00:00:06.000 to 00:00:18.000, chunks 1 to 2 of the playlist are missing: black and silence stand in.',
        atMs: 6_000,
      },
    ]);
  });

  it('tells only of what was asked for', () => {
    const warnings = gapWarnings(request('black'), [gap(0), gap(4)]);
    expect(warnings.map(({ atMs }) => atMs)).toEqual([5_000, 24_000]);
    expect(warnings[1]!.message).toContain('From 00:00:24.000 to 00:00:25.000');
  });
});
