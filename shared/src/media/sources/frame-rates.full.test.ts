import { describe, expect, it } from 'vitest';
import { seeFrames } from '#local/judge/pictures';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import {
  framesOf,
  judgedClip,
  listenTo,
  madeClip,
  shortEpisode,
  useFolder,
} from './judged.fixture.ts';

const folder = useFolder();
const FRAME_MS = 1000 / 30;
const spans: Span[] = [
  [0, 250],
  [4_211, 7_333],
  [8_999, 9_601],
];

describe('every usual frame rate', () => {
  it.each([
    ['ts', '24000/1001'],
    ['fmp4', '25'],
    ['ts', '30000/1001'],
    ['fmp4', '50'],
    ['ts', '60000/1001'],
  ] as const)('in %s, at %s fps', async (container, fps) => {
    const episode = await shortEpisode({ container, fps });
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
    expect(clip.method).toBe('copied');
  });
});

describe('a frame rate that varies', () => {
  it.each(['ts', 'fmp4'] as const)('in %s', async (container) => {
    const plain = await shortEpisode({ container });
    const select = String.raw`select=mod(n\,7)*mod(n\,5)`;
    const encoder = ['-vf', select, '-c:v', 'libx264', '-preset', 'veryfast', '-g', '30'];
    const episode = await encodedAnew(plain, encoder, folder.path);
    const clip = await madeClip(episode, [[4_211, 7_333]], folder.path);
    expect(clip.cuts[0]!.pictures?.method).toBe('smart');

    // Frame 0 is not selected: the episode begins with frame 1.
    const due = framesOf([4_211 + FRAME_MS, 7_333 + FRAME_MS], '30');
    const numbers = due.filter((n) => n % 7 !== 0 && n % 5 !== 0);
    const frames = await seeFrames('ffmpeg', clip.clipFile);
    expect(frames.map(({ number }) => number)).toEqual(numbers);
    for (const [n, { timeMs }] of frames.entries()) {
      expect(timeMs).toBeCloseTo((numbers[n]! - numbers[0]!) * FRAME_MS, 1);
    }
    const { offsetMs } = await listenTo(clip.clipFile);
    const offset = offsetMs(1_000, 1_000 + numbers[0]! * FRAME_MS);
    expect(Math.abs(offset ?? 99)).toBeLessThan(1);
  });
});
