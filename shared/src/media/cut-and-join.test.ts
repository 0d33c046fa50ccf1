import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeVerdict, judgeClip } from '#local/judge/index';
import { cachedEpisode, type Episode } from '#local/sample/index';
import { chunksOf } from './chunk-range.ts';
import { cutSegment } from './cut-segment.ts';
import { indexFrames } from './frame-index.ts';
import { joinSegments, type SegmentFiles } from './join-segments.ts';
import { parsePlaylist, type TrackPlaylist } from './playlist.ts';
import { wantedFrames } from './wanted-frames.ts';

const signal = new AbortController().signal;
const CACHE = join(tmpdir(), 'splicebus-test-episodes');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-media-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The pipeline's media half without its services: chunks → segments → clip. */
async function makeClip(episode: Episode, spans: readonly [startMs: number, endMs: number][]) {
  const playlist = parsePlaylist(
    await readFile(episode.playlistPath, 'utf8'),
    'x/index.m3u8',
    'x/',
  );
  const work = await mkdtemp(join(folder, 'clip-'));
  const beginning = await indexFrames(
    await fetched(episode, playlist, 0, 0, work),
    demuxer(playlist),
    signal,
  );
  const files: SegmentFiles[] = [];
  for (const [n, [startMs, endMs]] of spans.entries()) {
    const segmentFolder = join(work, String(n));
    await mkdir(segmentFolder);
    const { first, last } = chunksOf(playlist, startMs, endMs);
    const source = await fetched(episode, playlist, first, last, segmentFolder);
    const index = await indexFrames(source, demuxer(playlist), signal);
    const wanted = wantedFrames(index, beginning.pts[0]!, startMs, endMs);
    const cut = await cutSegment(
      {
        source,
        demuxer: demuxer(playlist),
        wanted,
        index,
        hasAudio: index.audioEndUs !== undefined,
        folder: segmentFolder,
      },
      signal,
    );
    files.push({ ...cut, frameCount: wanted.frameCount, durationUs: wanted.durationUs });
  }
  return joinSegments(files, work, signal);
}

const demuxer = (playlist: TrackPlaylist) => (playlist.container === 'fmp4' ? 'mov' : 'mpegts');

/** Stands in for the download: the chunks `first`…`last` joined byte by byte. */
async function fetched(
  episode: Episode,
  playlist: TrackPlaylist,
  first: number,
  last: number,
  into: string,
): Promise<string> {
  const keys = playlist.chunks.slice(first, last + 1).map((chunk) => chunk.key);
  const parts = playlist.initKey ? [playlist.initKey, ...keys] : keys;
  const read = (key: string) =>
    readFile(join(dirname(episode.playlistPath), key.slice('x/'.length)));
  const file = join(into, 'chunks');
  await writeFile(file, Buffer.concat(await Promise.all(parts.map(read))));
  return file;
}

const small = { seconds: 20, width: 320, height: 180 };

describe.each([
  { ...small, container: 'ts', fps: '30' },
  { ...small, container: 'fmp4', fps: '30' },
  { ...small, container: 'ts', fps: '30000/1001' },
  { ...small, container: 'ts', fps: '25', bframes: 0 },
  { ...small, container: 'fmp4', fps: '24000/1001' },
  { ...small, container: 'ts', fps: '60', audio: false },
] as const)('$container at $fps fps', (options) => {
  let episode: Episode;
  beforeAll(async () => {
    episode = await cachedEpisode(CACHE, options);
  });

  it.each<[string, [number, number][]]>([
    ['one segment inside a chunk', [[2_345, 4_567]]],
    ['a segment over a chunk border', [[4_900, 7_300]]],
    ['a segment on key frames', [[6_006, 8_008]]],
    ['the first frames', [[0, 1_000]]],
    ['the last frames', [[18_500, 20_000]]],
    ['a single frame', [[9_010, 9_045]]],
    [
      'five segments, out of order, far apart and touching',
      [
        [15_015, 16_200],
        [1_001, 2_500],
        [2_500, 3_100],
        [11_990, 12_400],
        [0, 40],
      ],
    ],
  ])('cuts %s to the frame, in sync', async (_, spans) => {
    const clip = await makeClip(episode, spans);
    const verdict = await judgeClip({
      clipPath: clip.clipFile,
      segments: spans.map(([startMs, endMs]) => ({ startMs, endMs })),
      fps: episode.fps,
      episodeFrameCount: episode.frameCount,
      hasAudio: episode.audio,
    });
    expect(verdict.faults, describeVerdict(verdict)).toEqual([]);
    expect(verdict.exact).toBe(true);
    expect(clip.method).toBe('copied');
  });
});

describe('when things go wrong', () => {
  it('joins segments that do not fit together by encoding them again', async () => {
    const episode = await cachedEpisode(CACHE, { ...small, container: 'ts', fps: '30' });
    const spans: [number, number][] = [
      [1_000, 2_000],
      [3_000, 4_000],
    ];
    const files: SegmentFiles[] = [];
    for (const [n, span] of spans.entries()) {
      const { clipFile } = await makeClip(episode, [span]);
      const videoFile = join(folder, `differing-${n}.ts`);
      const encoder = ['-c:v', 'libx264', '-bf', '0', '-profile:v', n === 0 ? 'main' : 'high'];
      await promisify(execFile)('ffmpeg', [
        '-v',
        'error',
        '-i',
        clipFile,
        '-an',
        ...encoder,
        '-muxdelay',
        '0',
        videoFile,
      ]);
      files.push({ videoFile, frameCount: 30, durationUs: 1_000_000 });
    }
    const joined = await joinSegments(files, folder, signal);
    expect(joined.method).toBe('reencoded');
    const verdict = await judgeClip({
      clipPath: joined.clipFile,
      segments: spans.map(([startMs, endMs]) => ({ startMs, endMs })),
      fps: '30',
      episodeFrameCount: episode.frameCount,
      hasAudio: false,
    });
    expect(verdict.faults, describeVerdict(verdict)).toEqual([]);
  });

  it('gives up, with FFmpeg’s own last words, when re-encoding fails too', async () => {
    const videoFile = join(folder, 'garbage.ts');
    await writeFile(videoFile, 'this is no video');
    const segment = { videoFile, frameCount: 30, durationUs: 1_000_000 };
    await expect(joinSegments([segment], folder, signal)).rejects.toMatchObject({
      code: 'STITCH_FAILED',
      message: expect.stringMatching(/neither by copying .* nor by re-encoding .*Invalid data/),
    });
  });

  it('says so when chunks are not video', async () => {
    const file = join(folder, 'text.ts');
    await writeFile(file, 'hello '.repeat(10_000));
    await expect(indexFrames(file, 'mpegts', signal)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
    });
  });

  it('says so when chunks are damaged, instead of delivering fewer frames', async () => {
    const episode = await cachedEpisode(CACHE, { ...small, container: 'ts', fps: '30' });
    const source = join(folder, 'damaged.ts');
    const bytes = await readFile(join(episode.dir, await secondChunk(episode)));
    // The packets' headers and time stamps stay whole, what they carry does not.
    for (let packet = 188 * 3; packet + 188 <= bytes.length; packet += 188) {
      bytes.fill(0xff, packet + 40, packet + 188);
    }
    await writeFile(source, bytes);
    const cut = async () => {
      const index = await indexFrames(source, 'mpegts', signal);
      const wanted = wantedFrames(index, index.pts[0]!, 1_000, 2_000);
      await cutSegment(
        { source, demuxer: 'mpegts', index, wanted, hasAudio: false, folder },
        signal,
      );
    };
    await expect(cut()).rejects.toMatchObject({ code: 'CHUNK_UNDECODABLE' });
  });

  it('ends FFmpeg at once when it is told to stop', async () => {
    const stop = new AbortController();
    const episode = await cachedEpisode(CACHE, { ...small, container: 'ts', fps: '30' });
    stop.abort();
    const file = join(episode.dir, await secondChunk(episode));
    await expect(indexFrames(file, 'mpegts', stop.signal)).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});

async function secondChunk(episode: Episode): Promise<string> {
  const playlist = parsePlaylist(
    await readFile(episode.playlistPath, 'utf8'),
    'x/index.m3u8',
    'x/',
  );
  return playlist.chunks[1]!.key.slice('x/'.length);
}
