import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EpisodePaths, readPlaylist, type Span } from '../clip.fixture.ts';
import { openHeard } from '../collect/open-heard.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { MediaToolError } from '../ffmpeg/run.ts';
import { FolderStore } from '../folder-store.fixture.ts';
import { fromFirstFrame } from '../sound/aac-frames.ts';
import { makeExactSound } from '../sound/checked-sound.ts';
import { exactSound } from '../sound/exact-sound.ts';
import { aac, ac3, changingApart, changingAudio } from './changing-audio.fixture.ts';
import { garbled, withAudioBetween } from './damaged-audio.fixture.ts';
import { listenTo, shortEpisode, useFolder } from './judged.fixture.ts';
import { apart, type Container, chunksOf, packageOf, withChunks } from './packages.fixture.ts';
import type { Pes } from './rewrite.fixture.ts';

const folder = useFolder();

/** A begin, a moment in the middle of a frame, one over the borders of chunks, and the end. */
const SPANS: Span[] = [
  [0, 1_000],
  [4_217, 5_717],
  [2_990, 9_010],
  [10_500, 12_000],
];

const LATM = ['-mpegts_flags', 'latm'];

/** Makes an MP3 of the sound of a track. */
async function hear({ playlistPath, soundPlaylistPath }: EpisodePaths, [startMs, endMs]: Span) {
  const into = await mkdtemp(join(folder.path, 'heard-'));
  const work = new MediaWork(into, new AbortController().signal);
  const rendition = async (path: string, name: string) => ({
    playlist: await readPlaylist(path),
    store: new FolderStore(path, into, name),
  });
  const picture = await rendition(playlistPath, 'picture');
  const sound = soundPlaylistPath ? await rendition(soundPlaylistPath, 'sound') : undefined;
  const opened = await openHeard({ startMs, endMs }, picture, sound, work);
  const file = join(into, 'clip.mp3');
  const exact = await exactSound(opened.stretches, file, 'mp3', work);
  const warnings = [...opened.warnings, ...(await makeExactSound(exact, work))];
  const heard = await listenTo(file, 'zero');
  return { ...heard, warnings, pictureBytes: picture.store.bytesRead, processes: work.processes };
}

async function expectExact(episode: EpisodePaths, [startMs, endMs]: Span) {
  const heard = await hear(episode, [startMs, endMs]);
  expect(heard.endMs).toBe(endMs - startMs);
  expect(heard.warnings).toEqual([]);
  for (const at of [0.02, 0.5, 0.98]) {
    const clipMs = Math.round(at * (endMs - startMs - 250));
    expect(heard.offsetMs(clipMs, startMs + clipMs)).toBeCloseTo(0, 5);
  }
  return heard;
}

describe('the sound of a track is heard to the sample', () => {
  it.each<Container>(['ts', 'fmp4'])('beside its pictures in %s', async (container) => {
    const episode = await shortEpisode({ container });
    for (const span of SPANS) {
      expect((await expectExact(episode, span)).processes).toBe(1);
    }
  });

  it.each<[Container, Container | 'packed']>([
    ['ts', 'ts'],
    ['ts', 'packed'],
    ['fmp4', 'fmp4'],
  ])('apart from its pictures: in %s, and in %s', async (...containers) => {
    const episode = await apart(containers, folder.path);
    for (const span of SPANS) {
      const { pictureBytes } = await expectExact(episode, span);
      // They only tell when the episode begins.
      expect(pictureBytes).toBeLessThan(20_000);
    }
  });

  it('where chunks of pictures are missing, but none of sound', async () => {
    const { soundPlaylistPath, playlistPath } = await apart(['ts', 'ts'], folder.path);
    const holed = await packageOf([await chunksOf({ playlistPath })], folder.path, [2]);
    await expectExact({ playlistPath: holed, soundPlaylistPath }, [4_217, 8_717]);
  });
});

describe('formats that change are heard in their places', () => {
  const span: Span = [1_417, 10_717];

  it.each<[string, (folder: string) => Promise<EpisodePaths>]>([
    ['AAC beside frames', (into) => changingAudio([aac(1), aac(2, 44_100), aac(6)], into)],
    ['AC-3 beside frames', (into) => changingAudio([ac3(6), ac3(2), ac3(1)], into)],
    ['packed', (into) => changingApart([aac(1), aac(2, 44_100)], into, { packed: true })],
    [
      'LATM, whose headers do not tell it',
      (into) =>
        changingAudio(
          [2, 1].map((count) => [...aac(count), ...LATM]),
          into,
        ),
    ],
  ])('%s', async (_, episodeIn) => {
    const heard = await hear(await episodeIn(folder.path), span);
    expect(heard.endMs).toBe(span[1] - span[0]);
    for (const at of [1_500, 3_500, 5_600, 6_400, 8_500, 9_400, 10_400]) {
      expect(Math.abs(heard.offsetMs(at - span[0], at) ?? 99), `at ${at} ms`).toBeLessThan(1);
    }
  });
});

it('goes on over a discontinuity, and fades where it jumps', async () => {
  const chunks = await chunksOf(await shortEpisode());
  // The second half, then the first, each on its own clock.
  const playlistPath = await packageOf([chunks.slice(2), chunks.slice(0, 2)], folder.path);
  const heard = await hear({ playlistPath }, [4_000, 8_000]);
  expect(heard.endMs).toBeCloseTo(4_000, -1.5);
  expect(heard.offsetMs(500, 10_500)).toBeCloseTo(0, 5);
  expect(heard.offsetMs(3_000, 1_000)).toBeCloseTo(0, -1.5);
});

describe('what is silent is told', () => {
  const span: Span = [1_417, 10_717];

  async function expectSilentFrom5To6(episode: EpisodePaths, code: string, fromMs = 5_100) {
    const { warnings, endMs, loudest, offsetMs } = await hear(episode, span);
    expect(warnings).toEqual([
      { code, atMs: expect.closeTo(fromMs, -2.4), message: expect.any(String) },
    ]);
    expect(endMs).toBe(span[1] - span[0]);
    expect(loudest(5_300 - span[0], 500)).toBeLessThan(0.002);
    for (const at of [1_500, 4_200, 7_000, 10_200]) {
      expect(Math.abs(offsetMs(at - span[0], at) ?? 99), `at ${at} ms`).toBeLessThan(1);
    }
  }

  const garbledFrom = (from: number, to: number) =>
    withAudioBetween(from, to, (pes) => garbled(pes), folder.path);

  it('where the source has no audio', async () => {
    const episode = await withAudioBetween(5, 6, () => [], folder.path);
    await expectSilentFrom5To6(episode, 'AUDIO_MISSING');
  });

  it('where it cannot be decoded', async () => {
    await expectSilentFrom5To6(await garbledFrom(5, 6), 'AUDIO_LOST');
  });

  it('where it cannot be decoded, in a playlist of its own', async () => {
    const episode = await apart(['ts', 'packed'], folder.path);
    const sounds = { ...episode, playlistPath: episode.soundPlaylistPath! };
    const { playlistPath } = await withChunks(sounds, folder.path, (bytes, n) => {
      if (n !== 2) return bytes;
      const [{ payload }] = garbled({ payload: fromFirstFrame(bytes) }) as [Pes];
      return Buffer.concat([bytes.subarray(0, bytes.length - payload.length), payload]);
    });
    await expectSilentFrom5To6(
      { ...episode, soundPlaylistPath: playlistPath },
      'AUDIO_LOST',
      4_600,
    );
  });

  it('where nothing on one side of a discontinuity can be decoded', async () => {
    const [whole, broken] = [
      await chunksOf(await shortEpisode()),
      await chunksOf(await garbledFrom(0, 20)),
    ];
    const playlistPath = await packageOf([whole.slice(0, 2), broken.slice(2)], folder.path);
    const { warnings, loudest, offsetMs } = await hear({ playlistPath }, [4_000, 8_000]);
    expect(warnings).toMatchObject([{ code: 'AUDIO_LOST', atMs: expect.closeTo(6_000, -2.4) }]);
    expect(loudest(2_200, 1_700)).toBeLessThan(0.002);
    expect(offsetMs(500, 4_500)).toBeCloseTo(0, 5);
  });

  it('where nothing can be decoded: as an error', async () => {
    await expect(hear(await garbledFrom(0, 20), span)).rejects.toThrow(MediaToolError);
  });
});
