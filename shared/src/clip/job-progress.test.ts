import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StatusEntry } from './clip-record.ts';
import { progressOf } from './job-progress.ts';

const entry = (event: string, changes: Partial<StatusEntry> = {}): StatusEntry => ({
  status: 'Generation in Progress',
  event,
  timestamp: '2026-03-01T12:00:00.000Z',
  eventId: `${event}-${changes.segmentIndex}`,
  executionId: '0',
  ...changes,
});

const whole = (segmentCount: number): StatusEntry[] => [
  entry('ClipGenerationStarted'),
  ...Array.from({ length: segmentCount }, (_, segmentIndex) =>
    entry('SegmentExtracted', { segmentIndex }),
  ),
  entry('StitchRequested'),
  entry('ClipStitched', { status: 'Generation Complete' }),
];

describe('progressOf', () => {
  it('never goes back, and is 100 only at the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (segmentCount) => {
        const history = whole(segmentCount);
        const percentages = history.map(
          (_, n) => progressOf(history.slice(0, n + 1), segmentCount).percentage,
        );
        expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
        expect(percentages.filter((one) => one === 100)).toHaveLength(1);
        expect(percentages.at(-1)).toBe(100);
      }),
    );
  });

  it('is not at its end when something is made of a file that is not told of yet', () => {
    const poster = entry('ThumbnailsRequested', { status: 'Generation Complete' });
    const history = [...whole(1).slice(0, -1), poster];
    expect(progressOf(history, 1)).toEqual({ stage: 'stitching', percentage: 80 });
  });

  it('names the stages', () => {
    const [begun, first, second, stitching, end] = whole(2) as [StatusEntry, ...StatusEntry[]];
    expect(progressOf([])).toEqual({ stage: 'queued', percentage: 0 });
    expect(progressOf([begun], 2)).toEqual({ stage: 'extracting', percentage: 5 });
    expect(progressOf([begun, first!], 2)).toEqual({ stage: 'extracting', percentage: 42 });
    expect(progressOf([begun, first!, second!, stitching!], 2)).toEqual({
      stage: 'stitching',
      percentage: 80,
    });
    expect(progressOf([begun, first!, second!, stitching!, end!], 2).stage).toBe('complete');
  });

  it('keeps where a clip was when it failed or was cancelled', () => {
    const [begun, first] = whole(2) as [StatusEntry, StatusEntry];
    const failed = entry('SegmentFailed', { status: 'Generation Failed', segmentIndex: 1 });
    expect(progressOf([begun, first, failed], 2)).toEqual({ stage: 'failed', percentage: 42 });
    const cancelled = entry('ClipGenerationCancelled', { status: 'Cancelled' });
    expect(progressOf([begun, cancelled], 2)).toEqual({ stage: 'cancelled', percentage: 5 });
  });

  it('counts a segment once', () => {
    const [begun, first] = whole(2) as [StatusEntry, StatusEntry];
    expect(progressOf([begun, first, first], 2).percentage).toBe(42);
  });
});
