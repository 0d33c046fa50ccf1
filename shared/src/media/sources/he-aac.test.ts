import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { aac, expectInPlace, SPAN } from './changing-audio.fixture.ts';
import { type HeKind, heEpisode, highBandDb } from './he-aac.fixture.ts';
import {
  judgedClip,
  shortEpisode,
  type TestEpisode,
  useFolder,
  warningsOf,
} from './judged.fixture.ts';
import { asPackedAudio, chunksOf, packageOf } from './packages.fixture.ts';

const folder = useFolder();

/** They begin all over the ten frames between two headers of SBR, and on a chunk's border. */
const SPANS: Span[] = [
  [1_234, 2_900],
  [3_000, 4_600],
  [6_066, 7_000],
  [8_500, 11_033],
];

/** Expects the noise that only SBR carries everywhere, at some -48 dB; AAC itself and fades soften the ends. */
async function expectHighBand(clipFile: string): Promise<void> {
  const levels = (await highBandDb(clipFile)).slice(1, -2).map(Math.round);
  const off = levels.filter((level) => level < -60 || level > -40);
  expect(off, `of ${levels.length}`).toEqual([]);
}

const SOURCES: Record<string, (kind: HeKind) => Promise<TestEpisode>> = {
  TS: (kind) => heEpisode(kind, folder.path),
  fMP4: (kind) => heEpisode(kind, folder.path, { container: 'fmp4' }),
  'packed audio': async (kind) => {
    const alone = await heEpisode(kind, folder.path, { alone: true });
    const { playlistPath } = await asPackedAudio(alone, folder.path);
    return { ...(await heEpisode(kind, folder.path)), soundPlaylistPath: playlistPath };
  },
};

const CASES: [HeKind, keyof typeof SOURCES][] = [
  ['mono', 'TS'],
  ['stereo', 'fMP4'],
  ['parametric', 'packed audio'],
  ['parametric', 'TS'],
];

describe.each(CASES)('HE-AAC, %s, in %s', (kind, source) => {
  it.each(['exact', 'copy'] as const)('is in place, with all its bands: %s', async (audio) => {
    const episode = await SOURCES[source]!(kind);
    for (const spans of audio === 'copy' ? [SPANS, [SPANS[2]!]] : [SPANS]) {
      const clip = await judgedClip(episode, spans, folder.path, { audio });
      expect(clip.faults).toEqual([]);
      expect(clip.cuts.flatMap(warningsOf)).toEqual([]);
      // What SBR adds to a frame builds on the one before: only a single segment is copied.
      const isCopied = audio === 'copy' && spans.length === 1;
      expect(clip.audio).toBe(isCopied ? 'copied' : 'exact');
      const frameMs = 2048 / 48;
      expect(clip.verdict.sound!.maxOffsetMs).toBeLessThan(isCopied ? frameMs / 2 + 1 : 1);
      await expectHighBand(clip.clipFile);
    }
  });
});

describe('audio that changes between LC and HE-AAC, with the same headers', () => {
  it('is decoded each as it is', async () => {
    const he = await heEpisode('stereo', folder.path);
    const lc = await encodedAnew(await shortEpisode(), ['-c:v', 'copy'], folder.path, {
      input: ['-copyts'],
      sound: [...aac(2, 24_000), '-b:a', '64k'],
    });
    const [ofHe, ofLc] = [await chunksOf(he), await chunksOf(lc)];
    const chunks = ofHe.map((chunk, n) => (n % 2 === 0 ? ofLc[n]! : chunk));
    const playlistPath = await packageOf([chunks], folder.path);
    const { clipFile } = await expectInPlace({ ...he, playlistPath }, folder.path);
    const levels = await highBandDb(clipFile);
    /** Behind a change, SBR may have to wait for its header. */
    const between = (fromMs: number, toMs: number) =>
      levels.slice((fromMs - SPAN[0]) / 40, (toMs - SPAN[0]) / 40);
    expect(Math.min(...between(3_600, 5_900))).toBeGreaterThan(-60);
    expect(Math.min(...between(9_600, 10_500))).toBeGreaterThan(-60);
    // Nothing is invented that the source does not have.
    expect(Math.max(...between(1_500, 2_800))).toBeLessThan(-56);
    expect(Math.max(...between(6_300, 8_800))).toBeLessThan(-56);
  });
});
