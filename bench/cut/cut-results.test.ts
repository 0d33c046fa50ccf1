import { expect, it } from 'vitest';
import { type CutRun, mediansOf } from './cut-results.ts';

const run = (wallMs: number, cpuMs: number, totalProcessingMs?: number): CutRun => ({
  ...{ wallMs, cpuMs, nodePeakBytes: 1, allPeakBytes: 2, bytesRead: 3, framesEncoded: 4 },
  ...(totalProcessingMs === undefined ? {} : { totalProcessingMs }),
});

it('takes the median of every figure by itself', () => {
  expect(mediansOf([run(30, 1), run(10, 2), run(20, 9)])).toEqual(run(20, 2));
});

it('keeps what only some methods tell', () => {
  expect(mediansOf([run(1, 1, 400), run(1, 1, 600)]).totalProcessingMs).toBe(500);
});
