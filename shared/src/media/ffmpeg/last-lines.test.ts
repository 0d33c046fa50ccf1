import { describe, expect, it } from 'vitest';
import { lastLines } from './run.ts';

describe('lastLines', () => {
  it.each([
    [
      'concatf:/tmp/splicebus-Ab3/source-0.list: Invalid data found when processing input',
      'source-0.list: Invalid data found when processing input',
    ],
    ['[h264 @ 0x55d0c] no frame!', '[h264] no frame!'],
    ["Impossible to open 'file:/tmp/a-b/x.mp4'", "Impossible to open 'x.mp4'"],
    ['file:/var/task/clip.mp4: No such file', 'clip.mp4: No such file'],
    ['rate 24000/1001, size 1/2', 'rate 24000/1001, size 1/2'],
    ['one\ntwo\nthree\nfour\nfive\n', 'two | three | four | five'],
  ])('%j', (said, told) => {
    expect(lastLines(said)).toBe(told);
  });
});
