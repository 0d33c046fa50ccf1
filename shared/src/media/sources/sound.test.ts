import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import {
  framesOf,
  judgedClip,
  listenTo,
  madeClip,
  numbersIn,
  shortEpisode,
  useFolder,
} from './judged.fixture.ts';
import { asPackedAudio } from './packages.fixture.ts';

const folder = useFolder();
const COPY = ['-c:v', 'copy'];
const NO_PICTURE = ['-vn'];
const spans: Span[] = [
  [4_200, 7_300],
  [0, 900],
  [9_100, 11_000],
];

/** The first frame of the sample's AAC is the encoder's priming, and other encoders add theirs. */
const AAC_PRIMING = 1024;
const LAME_PRIMING = 1105;
const AC3_PRIMING = 256;

describe('a track of sound alone', () => {
  it.each<[name: string, container: 'ts' | 'fmp4', sound: string[], primingSamples: number]>([
    ['AAC in TS', 'ts', ['-c:a', 'copy'], AAC_PRIMING],
    ['MP3 in TS', 'ts', ['-c:a', 'libmp3lame'], AAC_PRIMING + LAME_PRIMING],
    ['AC-3 in TS', 'ts', ['-c:a', 'ac3'], AAC_PRIMING + AC3_PRIMING],
    ['AAC in fMP4', 'fmp4', ['-c:a', 'copy'], AAC_PRIMING],
    ['packed AAC', 'ts', ['-c:a', 'copy'], AAC_PRIMING],
  ])('%s', async (name, container, sound, primingSamples) => {
    const made = await encodedAnew(await shortEpisode(), NO_PICTURE, folder.path, {
      container,
      sound,
    });
    const episode = name === 'packed AAC' ? await asPackedAudio(made, folder.path) : made;
    const clip = await madeClip(episode, spans, folder.path);
    expect(clip.frameCount).toBe(0);
    const { offsetMs, endMs } = await listenTo(clip.clipFile);
    let clipMs = 0;
    for (const [startMs, end] of spans) {
      const middle = (end - startMs) / 2;
      const offset = offsetMs(clipMs + middle, startMs + middle) ?? 99;
      expect(offset).toBeCloseTo(startMs === 0 ? offset : primingSamples / 48, 0);
      clipMs += end - startMs;
    }
    expect(Math.abs(endMs - clipMs)).toBeLessThan(AAC_PRIMING / 48);
  });
});

describe('sound beside pictures', () => {
  it.each<[name: string, container: 'ts' | 'fmp4', sound: string[]]>([
    ['MP3 in TS', 'ts', ['-c:a', 'libmp3lame']],
    ['AC-3 in TS', 'ts', ['-c:a', 'ac3']],
    ['E-AC-3 in fMP4', 'fmp4', ['-c:a', 'eac3']],
    ['Opus in TS', 'ts', ['-c:a', 'libopus']],
    ['Opus in fMP4', 'fmp4', ['-c:a', 'libopus']],
  ])('%s', async (_, container, sound) => {
    const episode = await encodedAnew(await shortEpisode(), COPY, folder.path, {
      container,
      sound,
    });
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
    expect(clip.cuts.flatMap(({ warnings = [] }) => warnings)).toEqual([]);
    expect(clip.cuts[0]!.pictures?.method).toBe('smart');
  });
});

describe('pictures without sound', () => {
  it.each(['ts', 'fmp4'] as const)('in %s', async (container) => {
    const episode = { ...(await shortEpisode({ container, audio: false })), audio: false };
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
  });
});

describe('sound that is not always there', () => {
  const span: Span = [4_200, 7_300];
  /** Where in the clip the sound stops or starts: at 5.5 s of the episode. */
  const turnMs = 5_500 - 4_200;

  it.each<
    [name: string, container: 'ts' | 'fmp4', filter: string, heardMs: number, silentMs: number]
  >([
    ['stops, in TS', 'ts', 'atrim=end=5.5213', 200, turnMs + 100],
    ['stops, in fMP4', 'fmp4', 'atrim=end=5.5213', 200, turnMs + 100],
    ['starts, in TS', 'ts', 'atrim=start=5.5213', turnMs + 300, 200],
  ])('%s', async (_, container, filter, heardMs, silentMs) => {
    const sound = ['-af', filter, '-c:a', 'aac'];
    const episode = await encodedAnew(await shortEpisode(), COPY, folder.path, {
      container,
      sound,
    });
    const { clipFile, cuts } = await madeClip(episode, [span], folder.path);
    expect(await numbersIn(clipFile)).toEqual(framesOf(span, '30'));
    const atMs = filter.includes('end') ? 5_500 : span[0];
    expect(cuts[0]!.warnings).toEqual([
      expect.objectContaining({ code: 'AUDIO_MISSING', atMs: expect.closeTo(atMs, -2) }),
    ]);
    const { offsetMs, loudest } = await listenTo(clipFile);
    expect(Math.abs(offsetMs(heardMs, span[0] + heardMs) ?? 99)).toBeLessThan(1);
    expect(loudest(silentMs, 800)).toBeLessThan(0.002);
  });

  it('is silence where there is none', async () => {
    const sound = ['-af', 'atrim=end=5.2', '-c:a', 'aac'];
    const episode = await encodedAnew(await shortEpisode(), COPY, folder.path, { sound });
    const after: Span = [5_600, 5_900];
    const { clipFile } = await madeClip(episode, [span, after], folder.path);
    expect(await numbersIn(clipFile)).toEqual([...framesOf(span, '30'), ...framesOf(after, '30')]);
    const { loudest, endMs } = await listenTo(clipFile);
    expect(loudest(3_150, 200)).toBeLessThan(0.002);
    expect(endMs).toBeGreaterThan(3_350);
  });
});
