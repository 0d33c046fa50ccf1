import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findChromium, playsThrough } from '#local/playback/index';
import type { Episode } from '#local/sample/index';
import { encodedAnew, makeClip, type Span, smallEpisode } from '../clip.fixture.ts';
import { readMovie } from '../mp4/movie/read-movie.ts';
import { achievedSpans, framesOf, shortEpisode, useFolder } from '../sources/judged.fixture.ts';
import { chunksOfRung, faultsOfRung, ladderOf, picturesIn } from './ladder.fixture.ts';
import { keyPictures } from './plan-chunks.ts';
import { masterPlaylist } from './playlists.ts';
import { FIRST_PICTURE_SECONDS } from './write-rung.ts';

const folder = useFolder();

const SPANS: Span[] = [
  [1_234, 6_800],
  [9_000, 15_517],
];

describe.each<[what: string, episode: () => Promise<Episode>]>([
  ['30 frames a second', () => smallEpisode({ fps: '30' })],
  ['29.97 frames a second, open GOPs', () => smallEpisode({ fps: '30000/1001', gop: 'open' })],
  ['60 frames a second, no B-frames', () => smallEpisode({ fps: '60', bframes: 0 })],
  ['no sound', () => smallEpisode({ fps: '25', audio: false })],
])('the ladder of a clip with %s', (_, episodeOf) => {
  it('holds every picture in sync with the sound, in every rung, parted alike', async () => {
    const episode = await episodeOf();
    const clip = await makeClip(episode, SPANS, folder.path);
    const { source, smaller } = await ladderOf(clip.clipFile, folder.path);
    expect(await faultsOfRung(source.playlistFile, episode, SPANS)).toEqual([]);
    expect(await faultsOfRung(smaller.playlistFile, episode, SPANS)).toEqual([]);

    const [chunks, others] = [
      await chunksOfRung(source.playlistFile),
      await chunksOfRung(smaller.playlistFile),
    ];
    expect(others.map(({ seconds }) => seconds)).toEqual(chunks.map(({ seconds }) => seconds));
    expect(chunks.length).toBeGreaterThan(1);
    for (const { seconds } of chunks.slice(0, -1)) expect(seconds).toBeGreaterThanOrEqual(4);
    // Each can be decoded without the others.
    const counts = await Promise.all(others.map(({ file }) => picturesIn(file)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(clip.frameCount);
  });
});

const chromiumPath = await findChromium();

describe.skipIf(!chromiumPath && !process.env.CI)('in Chromium', () => {
  it('every rung shows the right picture at every time, over chunks and joins', async () => {
    const episode = await smallEpisode({ fps: '30' });
    const { clipFile } = await makeClip(episode, SPANS, folder.path);
    const { plan, source, smaller } = await ladderOf(clipFile, folder.path);
    const joinSeconds = framesOf(SPANS[0]!, '30').length / 30;
    const places = [...plan.startsSeconds.slice(1), joinSeconds].sort((a, b) => a - b);
    for (const { mediaFile, codecs } of [source, smaller]) {
      const chunks = { codecs, firstPictureSeconds: FIRST_PICTURE_SECONDS };
      const played = await playsThrough(mediaFile, places, { fps: '30', chromiumPath, chunks });
      expect(played.faults).toEqual([]);
      expect(played.durationSeconds).toBeCloseTo(plan.endSeconds, 1);
      expect(played.joins.map(({ after }) => after.number)).toEqual(
        places.map((at) => frameAt(at)),
      );
    }
  });
});

/** The number of the episode's frame that the clip of {@link SPANS} shows from then on. */
function frameAt(seconds: number): number {
  const place = Math.round(seconds * 30);
  const [first, second] = SPANS.map((span) => framesOf(span, '30'));
  return [...first!, ...second!][place]!;
}

describe('a clip in HEVC', () => {
  it('is a rung as it is, and gets renditions in H.264', async () => {
    const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-x265-params'];
    const episode = await encodedAnew(
      await shortEpisode(),
      [...x265, 'keyint=45:min-keyint=45:scenecut=0:bframes=3:open-gop=0:log-level=none'],
      folder.path,
      { container: 'fmp4' },
    );
    const clip = await makeClip(episode, [[1_500, 10_500]], folder.path, { cut: 'copy' });
    const spans = achievedSpans(clip);
    const { source, smaller } = await ladderOf(clip.clipFile, folder.path);
    expect(source.codecs).toMatch(/^hvc1\.1\.6\.L\d+(\.[0-9A-F]+)*,mp4a\.40\.2$/);
    expect(smaller.codecs).toMatch(/^avc1\./);
    expect(await faultsOfRung(source.playlistFile, episode, spans)).toEqual([]);
    expect(await faultsOfRung(smaller.playlistFile, episode, spans)).toEqual([]);
  });
});

describe('a clip that has few key pictures', () => {
  it('has long chunks, and more key pictures in its renditions', async () => {
    const episode = await smallEpisode({ fps: '30', gopSeconds: 15 });
    const span: Span = [0, 20_000];
    const { clipFile } = await makeClip(episode, [span], folder.path, { cut: 'copy' });
    const { plan, source, smaller } = await ladderOf(clipFile, folder.path);
    expect(plan).toEqual({ startsSeconds: [0, 15], endSeconds: 20 });
    expect(keyPictures(plan)).toEqual([0, 5, 10, 15]);
    expect(await faultsOfRung(source.playlistFile, episode, [span])).toEqual([]);
    expect(await faultsOfRung(smaller.playlistFile, episode, [span])).toEqual([]);
    const [video] = await readMovie(smaller.playlistFile.replace('.m3u8', '.mp4'));
    const keys = video!.samples.filter(({ isSync }) => isSync);
    const seconds = keys.map(({ pts }) => (pts - video!.startsAt) / video!.timescale);
    expect(seconds).toEqual(expect.arrayContaining([0, 5, 10, 15]));
  });
});

describe('a clip of one picture', () => {
  it('is a ladder of one chunk', async () => {
    const episode = await smallEpisode({ fps: '30' });
    const { clipFile } = await makeClip(episode, [[5_000, 5_020]], folder.path);
    const { source, smaller } = await ladderOf(clipFile, folder.path);
    for (const { playlistFile } of [source, smaller]) {
      expect(await picturesIn(playlistFile)).toBe(1);
    }
  });
});

describe('the master playlist', () => {
  it('lets a player play any rung', async () => {
    const episode = await smallEpisode({ fps: '30' });
    const { clipFile } = await makeClip(episode, SPANS, folder.path);
    const { source, smaller, work } = await ladderOf(clipFile, folder.path);
    const text = masterPlaylist(
      [
        { ...source, name: 'source', width: 320, height: 180 },
        { ...smaller, name: '720p', width: 160, height: 90 },
      ],
      ({ name }) => `${name}.m3u8`,
    );
    expect(text).toMatch(
      /CODECS="avc1\.64[0-9a-f]{4},mp4a\.40\.2",RESOLUTION=160x90,FRAME-RATE=30\.000,VIDEO-RANGE=SDR$/m,
    );
    expect(text.indexOf('720p.m3u8')).toBeLessThan(text.indexOf('source.m3u8'));
    await writeFile(join(work.folder, 'master.m3u8'), text);
    const { stdout } = await work.ffprobe([
      ...['-show_entries', 'stream=codec_type,width', '-of', 'json'],
      ...['-i', join(work.folder, 'master.m3u8')],
    ]);
    const { streams } = JSON.parse(stdout) as { streams: { width?: number }[] };
    expect(streams.flatMap(({ width }) => width ?? []).sort()).toEqual([160, 320]);
  });
});
