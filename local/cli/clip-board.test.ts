import { expect, it } from 'vitest';
import type { BusEvent } from '../eventbridge/index.ts';
import { ClipBoard } from './clip-board.ts';

const about = (type: string, detail: object = {}) =>
  ({
    'detail-type': type,
    detail: { clipId: 'one', segmentCount: 1, ...detail },
  }) as unknown as BusEvent;

it.each([
  ['ClipStitched', 'done'],
  ['SegmentFailed', 'failed'],
  ['StitchFailed', 'failed'],
  ['ClipGenerationRejected', 'failed'],
  ['ClipGenerationFailed', 'failed'],
  ['ClipGenerationCancelled', 'cancelled'],
])('a clip ends with %s, as %s', (type, stage) => {
  const lines: string[] = [];
  const board = new ClipBoard({ write: (line) => lines.push(line) }, ['one']);
  board.see(about('ClipGenerationStarted'));
  expect(board.takenMs('one')).toBeUndefined();
  board.see(about(type));
  expect(board.takenMs('one')).toBeGreaterThanOrEqual(0);
  expect(lines.at(-1)).toMatch(new RegExp(`^  one .* s  ${stage}\n$`));
  board.see(about('SegmentExtracted', { segmentIndex: 0 }));
  expect(lines).toHaveLength(2);
});
