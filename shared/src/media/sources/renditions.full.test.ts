import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { judgedClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { apart, type Container, chunksOf, packageOf } from './packages.fixture.ts';

const folder = useFolder();
const spans: Span[] = [
  [4_200, 7_300],
  [0, 900],
  [9_100, 12_000],
];
const WRAP_SECONDS = 2 ** 33 / 90_000;
describe('sound in a playlist of its own', () => {
  it.each<[Container, Container | 'packed']>([
    ['ts', 'ts'],
    ['ts', 'packed'],
    ['fmp4', 'fmp4'],
  ])('pictures in %s, sound in %s', async (...containers) => {
    const episode = await apart(containers, folder.path);
    const exact = await judgedClip(episode, spans, folder.path);
    expect(exact.faults).toEqual([]);
    const copied = await judgedClip(episode, spans.slice(0, 1), folder.path, { audio: 'copy' });
    expect(copied.faults).toEqual([]);
    expect(copied.audio).toBe('copied');
  });

  it.each(['ts', 'packed'] as const)('in %s, where the clock begins again', async (sound) => {
    const late = ['-output_ts_offset', (WRAP_SECONDS - 6.4).toFixed(6)];
    const episode = await apart(['ts', sound], folder.path, late);
    const around: Span[] = [
      [3_200, 6_300],
      [8_100, 9_000],
    ];
    const clip = await judgedClip(episode, around, folder.path);
    expect(clip.faults).toEqual([]);
  });

  it('takes the place of sound beside the pictures', async () => {
    const { soundPlaylistPath } = await apart(['ts', 'ts'], folder.path);
    const other = ['-c:a', 'aac', '-af', 'areverse'];
    const both = await encodedAnew(await shortEpisode(), ['-c:v', 'copy'], folder.path, {
      input: ['-copyts'],
      sound: other,
    });
    const clip = await judgedClip({ ...both, soundPlaylistPath }, spans, folder.path);
    expect(clip.faults).toEqual([]);
  });

  it('is asked for where a chunk of it is missing, or silent', async () => {
    const episode = await apart(['ts', 'ts'], folder.path);
    const chunks = await chunksOf({ playlistPath: episode.soundPlaylistPath! });
    const soundPlaylistPath = await packageOf([chunks], folder.path, [2]);
    const holed = { ...episode, soundPlaylistPath };
    const refused = judgedClip(holed, spans.slice(0, 1), folder.path);
    await expect(refused).rejects.toMatchObject({ code: 'CHUNK_NOT_FOUND' });
    const silent = await judgedClip(holed, spans.slice(0, 1), folder.path, { gaps: 'black' });
    expect(silent.verdict.exact).toBe(true);
    expect(silent.verdict.sound!.gaps).toBeGreaterThan(0);
  });
});
