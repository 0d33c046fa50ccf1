import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { achievedSpans, judgedClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { withChunks } from './packages.fixture.ts';
import { rewritten, SOUND_PID, spanning } from './rewrite.fixture.ts';

const folder = useFolder();
const COPY = ['-c:v', 'copy'];

describe('pictures copied from the nearest key picture', () => {
  it.each([
    ['ts', 'closed'],
    ['fmp4', 'closed'],
    ['ts', 'irregular'],
  ] as const)('in %s with %s GOPs are what the result says', async (container, gop) => {
    const episode = await shortEpisode({ container, gop });
    const spans: Span[] = [
      [4_400, 7_300],
      [0, 1_600],
      [9_100, 12_000],
    ];
    const clip = await judgedClip(episode, spans, folder.path, { cut: 'copy' });
    expect(clip.faults).toEqual([]);
    for (const { pictures } of clip.cuts) {
      expect(pictures).toMatchObject({ method: 'copied', framesEncoded: 0 });
    }
    const achieved = achievedSpans(clip);
    // They end between key pictures, too: within a group of three B-frames.
    for (const [n, [, endMs]] of achieved.entries()) {
      expect(Math.abs(endMs - spans[n]![1])).toBeLessThan(2.1 * (1000 / 30));
    }
    if (gop === 'irregular') return;
    expect(achieved.map(([startMs]) => startMs)).toEqual([4_500, 0, 9_000]);
  });
});

describe('sound copied in whole frames', () => {
  it('does not drift over fifty segments', async () => {
    const episode = await shortEpisode();
    const spans = Array.from({ length: 50 }, (_, n): Span => {
      const startMs = Math.round((((n * 37) % 330) * 1000) / 30);
      return [startMs, startMs + 500];
    });
    const clip = await judgedClip(episode, spans, folder.path, { audio: 'copy' });
    expect(clip.faults).toEqual([]);
    expect(clip.audio).toBe('copied');
    const offsets = clip.verdict.sound!.segmentOffsetsMs.map((offset) => Math.abs(offset ?? 99));
    expect(Math.max(...offsets)).toBeLessThanOrEqual(1024 / 48);
  });

  it.each<[name: string, encoder: string[]]>([
    ['of 44.1 kHz', ['-c:a', 'aac', '-ar', '44100']],
    ['of one channel and 24 kHz', ['-c:a', 'aac', '-ar', '24000', '-ac', '1']],
  ])('%s', async (_, sound) => {
    const episode = await encodedAnew(await shortEpisode(), COPY, folder.path, { sound });
    const spans: Span[] = [
      [4_200, 7_300],
      [1_100, 3_000],
    ];
    const clip = await judgedClip(episode, spans, folder.path, { audio: 'copy' });
    expect(clip.audio).toBe('copied');
    const offsets = clip.verdict.sound!.segmentOffsetsMs.map((offset) => Math.abs(offset ?? 99));
    const frameMs = sound.includes('24000') ? 1024 / 24 : 1024 / 44.1;
    expect(Math.max(...offsets)).toBeLessThanOrEqual(frameMs);
    expect(clip.verdict.exact).toBe(true);
    const exact = await judgedClip(episode, spans, folder.path);
    expect(exact.faults).toEqual([]);
  });

  it('whose frames span PES packets', async () => {
    const episode = await withChunks(await shortEpisode(), folder.path, (bytes) =>
      rewritten(bytes, SOUND_PID, (all) => spanning(all, 60)),
    );
    const span: Span = [4_200, 7_300];
    const exact = await judgedClip(episode, [span], folder.path);
    expect(exact.faults).toEqual([]);
    const clip = await judgedClip(episode, [span], folder.path, { audio: 'copy' });
    expect(clip.faults).toEqual([]);
    expect(clip.audio).toBe('copied');
  });
});
