import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeVerdict, judgeClip } from '#local/judge/index';
import type { Episode } from '#local/sample/index';
import {
  type CutOptions,
  encodedAnew,
  type MadeSegment,
  makeSegment,
  type Span,
  segmentFiles,
  smallEpisode,
  wholeEpisode,
} from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { joinSegments } from '../join/join-segments.ts';
import { readPacketHeader } from '../transport-stream/packets/packets.ts';
import { VIDEO_PID } from '../transport-stream/packets/tables.ts';
import { cutSegment } from './cut-segment.ts';

const run = promisify(execFile);
let folder: string;
let episode: Episode;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-media-'));
  episode = await smallEpisode({ container: 'ts', fps: '30' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const newFolder = () => mkdtemp(join(folder, 'work-'));
const newWork = async () => new MediaWork(await newFolder(), new AbortController().signal);

const cut = async (of: Pick<Episode, 'playlistPath'>, span: Span, options?: CutOptions) =>
  makeSegment(of, span, join(await newFolder(), 'segment'), options);

const joined = async (...cuts: MadeSegment[]) =>
  joinSegments(
    cuts.map((one) => segmentFiles(one)),
    await newWork(),
  );

/** An episode of one chunk. */
async function chunkOf(bytes: string | Buffer, seconds = 20): Promise<{ playlistPath: string }> {
  const into = await newFolder();
  await writeFile(join(into, '0.ts'), bytes);
  const playlistPath = join(into, 'index.m3u8');
  await writeFile(
    playlistPath,
    `#EXTM3U\n#EXT-X-TARGETDURATION:${seconds}\n#EXTINF:${seconds},\n0.ts\n#EXT-X-ENDLIST\n`,
  );
  return { playlistPath };
}

/** What is wrong with a clip of the episode. */
async function faultsOf(clipPath: string, spans: readonly Span[]) {
  const verdict = await judgeClip({
    clipPath,
    segments: spans.map(([startMs, endMs]) => ({ startMs, endMs })),
    fps: episode.fps,
    episodeFrameCount: episode.frameCount,
    hasAudio: true,
  });
  return verdict.faults.length === 0 ? [] : [describeVerdict(verdict)];
}

describe('a segment that cannot be copied is encoded, and says why', () => {
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast'];

  it.each<[string, string[], string]>([
    ['interlaced', [...x264, '-x264-params', 'tff=1'], 'the video is interlaced'],
    [
      '4:2:2',
      [...x264, '-pix_fmt', 'yuv422p', '-profile:v', 'high422'],
      'the video is not H.264 of 8 bits and 4:2:0',
    ],
    [
      'MPEG-4 Part 2',
      ['-c:v', 'mpeg4', '-q:v', '3', '-enc_time_base', '1:48000', '-bsf:v', 'dump_extra'],
      'the video is not H.264',
    ],
  ])('%s', async (_, encoder, reason) => {
    const other = await encodedAnew(episode, encoder, folder);
    const segment = await cut(other, [3_500, 6_500]);
    expect(segment.pictures).toMatchObject({ method: 'reencoded', reason, framesEncoded: 90 });
    const { clipFile } = await joined(segment);
    expect(await faultsOf(clipFile, [[3_500, 6_500]])).toEqual([]);
  });

  it('parameters that change on the way', async () => {
    const chunk = async (n: number, refs: string) => {
      const other = await encodedAnew(episode, [...x264, '-g', '60', '-refs', refs], folder);
      return readFile(join(dirname(other.playlistPath), `${n}.ts`));
    };
    const changing = Buffer.concat([await chunk(0, '1'), await chunk(1, '3')]);
    const segment = await cut(await chunkOf(changing), [3_500, 8_500]);
    expect(segment.pictures).toMatchObject({
      method: 'reencoded',
      reason: 'the encoding parameters change within the video',
    });
    const { clipFile } = await joined(segment);
    expect(await faultsOf(clipFile, [[3_500, 8_500]])).toEqual([]);
  });
});

describe('frame rates that vary', () => {
  it('are kept as they are, picture for picture', async () => {
    const varying = await encodedAnew(
      episode,
      ['-vf', String.raw`select=mod(n\,7)*mod(n\,5)`, '-c:v', 'libx264', '-g', '40'],
      folder,
    );
    const segment = await cut(varying, [1_500, 9_500]);
    expect(segment.pictures?.method).toBe('smart');
    const clip = await joined(segment);
    expect(clip.method).toBe('copied');
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=pts'],
      ...['-of', 'csv=p=0', clip.clipFile],
    ]);
    const shown = stdout.match(/\d+/g)!.map(Number);
    const [{ timeline, wanted }] = segment.opened.media as [(typeof segment.opened.media)[0]];
    const asked = timeline.shown.filter((pts) => pts >= wanted.firstPts && pts < wanted.endPts);
    expect(shown).toEqual(asked.map((pts) => pts - wanted.firstPts));
  });
});

describe('joining', () => {
  const spans: Span[] = [
    [3_500, 6_500],
    [9_100, 11_000],
  ];

  it('copies segments of both kinds into one track', async () => {
    const cuts = [
      await cut(episode, spans[0]!),
      await cut(episode, spans[1]!, { cut: 'reencode' }),
    ];
    expect(cuts.map(({ pictures }) => pictures?.method)).toEqual(['smart', 'reencoded']);
    const clip = await joined(...cuts);
    expect(clip.method, clip.reason).toBe('copied');
    expect(await faultsOf(clip.clipFile, spans)).toEqual([]);

    // As a decoder sees it that knows only the parameter sets of the file's header.
    const stripped = join(folder, 'stripped.mp4');
    await run('ffmpeg', [
      ...['-v', 'error', '-i', clip.clipFile, '-c', 'copy', '-movflags', '+faststart'],
      ...['-bsf:v', 'filter_units=remove_types=7-8', stripped],
    ]);
    expect(await faultsOf(stripped, spans)).toEqual([]);
  });

  it('encodes segments again that do not fit together', async () => {
    const smaller = await encodedAnew(episode, ['-vf', 'scale=160:90', '-c:v', 'libx264'], folder);
    const reencode = { cut: 'reencode' } as const;
    const clip = await joined(
      await cut(episode, spans[0]!, reencode),
      await cut(smaller, spans[1]!, reencode),
    );
    expect(clip).toMatchObject({
      method: 'reencoded',
      reason: 'the encoding parameters change within the video',
    });
    expect(await faultsOf(clip.clipFile, spans)).toEqual([]);
  });

  it('encodes again what does not hold the frames it should', async () => {
    const files = { ...segmentFiles(await cut(episode, [3_000, 5_000])), frameCount: 59 };
    await expect(joinSegments([files], await newWork())).rejects.toMatchObject({
      code: 'STITCH_FAILED',
      message: expect.stringContaining('a segment does not hold what it should'),
    });
  });

  it('gives up, with FFmpeg’s own last words, when re-encoding fails too', async () => {
    const videoFile = join(folder, 'garbage.ts');
    await writeFile(videoFile, 'this is no video');
    const segment = { videoFile, frameCount: 30, durationTicks: 90_000, isContinuation: false };
    await expect(joinSegments([segment], await newWork())).rejects.toMatchObject({
      code: 'STITCH_FAILED',
      message: expect.stringMatching(/neither by copying .* nor by re-encoding .*Invalid data/),
    });
  });
});

describe('damaged chunks', () => {
  it('that are not video are called so', async () => {
    const text = await chunkOf('hello '.repeat(10_000));
    await expect(cut(text, [1_000, 2_000])).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
    });
  });

  it('do not make fewer frames', async () => {
    const bytes = await readFile(await wholeEpisode(episode.playlistPath, await newFolder()));
    // The packets' headers and time stamps stay whole, what they carry does not.
    for (let packet = 188 * 3; packet + 188 <= bytes.length; packet += 188) {
      bytes.fill(0xff, packet + 40, packet + 188);
    }
    await expect(cut(await chunkOf(bytes), [1_000, 2_000])).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
    });
  });

  it('with a packet missing are not copied', async () => {
    const bytes = await readFile(await wholeEpisode(episode.playlistPath, await newFolder()));
    let lost = Math.floor(bytes.length / 188 / 4) * 188;
    while (!isInsidePicture(bytes, lost)) lost += 188;
    const gappy = Buffer.concat([bytes.subarray(0, lost), bytes.subarray(lost + 188)]);
    const segment = await cut(await chunkOf(gappy), [3_500, 6_500]);
    expect(segment.pictures).toMatchObject({ method: 'reencoded', reason: 'packets are missing' });
  });
});

function isInsidePicture(bytes: Buffer, packet: number): boolean {
  const { pid, isStart } = readPacketHeader(bytes, packet);
  return pid === VIDEO_PID && !isStart;
}

describe('when told to stop', () => {
  it('ends cutting and joining at once', async () => {
    const segment = await cut(episode, [1_000, 2_000]);
    const stopped = new MediaWork(await newFolder(), AbortSignal.abort());
    const request = { stretches: segment.opened.stretches, cut: 'exact', audio: 'exact' } as const;
    await expect(cutSegment(request, stopped)).rejects.toMatchObject({ code: 'ABORTED' });
    const files = [segmentFiles(segment)];
    await expect(joinSegments(files, stopped)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
