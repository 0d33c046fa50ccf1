import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeVerdict, judgeClip } from '#local/judge/index';
import type { Episode } from '#local/sample/index';
import { encodedAnew, fetchChunks, readPlaylist, smallEpisode } from '../clip.fixture.ts';
import { joinSegments, type SegmentFiles } from '../join/join-segments.ts';
import { type Demuxer, indexFrames } from '../source/frame-index.ts';
import { wantedFrames } from '../source/wanted-frames.ts';
import { readPacketHeader } from '../transport-stream/packets.ts';
import { VIDEO_PID } from '../transport-stream/tables.ts';
import { type CutRequest, type CutResult, cutSegment } from './cut-segment.ts';
import { reencodeSegment } from './reencode-segment.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;
let folder: string;
let episode: Episode;
/** The episode's chunks in one file. */
let source: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-media-'));
  episode = await smallEpisode({ container: 'ts', fps: '30' });
  source = await wholeEpisode(episode);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function wholeEpisode({ playlistPath }: Episode): Promise<string> {
  const playlist = await readPlaylist(playlistPath);
  const into = await mkdtemp(join(folder, 'source-'));
  return fetchChunks(playlistPath, playlist, 0, playlist.chunks.length, into);
}

async function requestFor(
  file: string,
  startMs: number,
  endMs: number,
  demuxer: Demuxer = 'mpegts',
): Promise<CutRequest> {
  const index = await indexFrames(file, demuxer, signal);
  const wanted = wantedFrames(index, index.pts[0]!, startMs, endMs);
  const into = await mkdtemp(join(folder, 'segment-'));
  const hasAudio = index.audioEndUs !== undefined;
  return { source: file, demuxer, index, wanted, hasAudio, folder: into };
}

const filesOf = (cut: CutResult, { wanted }: CutRequest): SegmentFiles => ({
  ...cut,
  frameCount: wanted.frameCount,
  durationUs: wanted.durationUs,
});

/** What is wrong with a clip of the episode. */
async function faultsOf(clipPath: string, spans: readonly [number, number][]) {
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
      'MPEG-2',
      ['-c:v', 'mpeg2video', '-q:v', '3', '-enc_time_base', '1:30'],
      'the video is not H.264',
    ],
  ])('%s', async (_, encoder, reason) => {
    const other = await encodedAnew(episode, encoder, folder);
    const request = await requestFor(await wholeEpisode(other), 3_500, 6_500);
    const cut = await cutSegment(request, signal);
    expect(cut).toMatchObject({ method: 'reencoded', reason, framesEncoded: 90 });
    const joined = await joinSegments([filesOf(cut, request)], request.folder, signal);
    expect(await faultsOf(joined.clipFile, [[3_500, 6_500]])).toEqual([]);
  });

  it('parameters that change on the way', async () => {
    const chunk = async (n: number, refs: string) => {
      const other = await encodedAnew(episode, [...x264, '-g', '60', '-refs', refs], folder);
      return readFile(join(dirname(other.playlistPath), `${n}.ts`));
    };
    const file = join(folder, 'changing.ts');
    await writeFile(file, Buffer.concat([await chunk(0, '1'), await chunk(1, '3')]));
    const request = await requestFor(file, 3_500, 8_500);
    const cut = await cutSegment(request, signal);
    expect(cut).toMatchObject({
      method: 'reencoded',
      reason: 'the encoding parameters change within the video',
    });
    const joined = await joinSegments([filesOf(cut, request)], request.folder, signal);
    expect(await faultsOf(joined.clipFile, [[3_500, 8_500]])).toEqual([]);
  });
});

describe('frame rates that vary', () => {
  it('are kept as they are, picture for picture', async () => {
    const varying = await encodedAnew(
      episode,
      ['-vf', String.raw`select=mod(n\,7)*mod(n\,5)`, '-c:v', 'libx264', '-g', '40'],
      folder,
    );
    const request = await requestFor(await wholeEpisode(varying), 1_500, 9_500);
    const cut = await cutSegment(request, signal);
    expect(cut.method).toBe('smart');
    const joined = await joinSegments([filesOf(cut, request)], request.folder, signal);
    expect(joined.method).toBe('copied');
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=pts'],
      ...['-of', 'csv=p=0', joined.clipFile],
    ]);
    const shown = stdout.match(/\d+/g)!.map(Number);
    const { index, wanted } = request;
    const asked = index.pts.filter((pts) => pts >= wanted.firstPts && pts < wanted.endPts);
    expect(shown).toEqual(asked.map((pts) => pts - wanted.firstPts));
  });
});

describe('joining', () => {
  const spans: [number, number][] = [
    [3_500, 6_500],
    [9_100, 11_000],
  ];

  it('copies segments of both kinds into one track', async () => {
    const copied = await requestFor(source, ...spans[0]!);
    const encoded = await requestFor(source, ...spans[1]!);
    const cuts = [await cutSegment(copied, signal), await reencodeSegment(encoded, signal)];
    expect(cuts.map(({ method }) => method)).toEqual(['smart', 'reencoded']);
    const files = [filesOf(cuts[0]!, copied), filesOf(cuts[1]!, encoded)];
    const joined = await joinSegments(files, folder, signal);
    expect(joined.method, joined.reason).toBe('copied');
    expect(await faultsOf(joined.clipFile, spans)).toEqual([]);

    // As a decoder sees it that knows only the parameter sets of the file's header.
    const stripped = join(folder, 'stripped.mp4');
    await run('ffmpeg', [
      ...['-v', 'error', '-i', joined.clipFile, '-c', 'copy', '-movflags', '+faststart'],
      ...['-bsf:v', 'filter_units=remove_types=7-8', stripped],
    ]);
    expect(await faultsOf(stripped, spans)).toEqual([]);
  });

  it('encodes segments again that do not fit together', async () => {
    const smaller = await encodedAnew(episode, ['-vf', 'scale=160:90', '-c:v', 'libx264'], folder);
    const requests = [
      await requestFor(source, ...spans[0]!),
      await requestFor(await wholeEpisode(smaller), ...spans[1]!),
    ];
    const files: SegmentFiles[] = [];
    for (const request of requests) {
      files.push(filesOf(await reencodeSegment(request, signal), request));
    }
    const joined = await joinSegments(files, folder, signal);
    expect(joined).toMatchObject({
      method: 'reencoded',
      reason: 'the encoding parameters change within the video',
    });
    expect(await faultsOf(joined.clipFile, spans)).toEqual([]);
  });

  it('encodes again what does not hold the frames it should', async () => {
    const request = await requestFor(source, 3_000, 5_000);
    const cut = await cutSegment(request, signal);
    const files = { ...filesOf(cut, request), frameCount: 59 };
    await expect(joinSegments([files], folder, signal)).rejects.toMatchObject({
      code: 'STITCH_FAILED',
      message: expect.stringContaining('a segment does not hold what it should'),
    });
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
});

describe('damaged chunks', () => {
  it('that are not video are called so', async () => {
    const file = join(folder, 'text.ts');
    await writeFile(file, 'hello '.repeat(10_000));
    await expect(indexFrames(file, 'mpegts', signal)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
    });
  });

  it('do not make fewer frames', async () => {
    const bytes = await readFile(source);
    // The packets' headers and time stamps stay whole, what they carry does not.
    for (let packet = 188 * 3; packet + 188 <= bytes.length; packet += 188) {
      bytes.fill(0xff, packet + 40, packet + 188);
    }
    const damaged = join(folder, 'damaged.ts');
    await writeFile(damaged, bytes);
    const cut = async () => cutSegment(await requestFor(damaged, 1_000, 2_000), signal);
    await expect(cut()).rejects.toMatchObject({ code: 'CHUNK_UNDECODABLE' });
  });

  it('with a packet missing are not copied', async () => {
    const bytes = await readFile(source);
    let lost = Math.floor(bytes.length / 188 / 4) * 188;
    while (!isInsidePicture(bytes, lost)) lost += 188;
    const gappy = join(folder, 'gappy.ts');
    await writeFile(gappy, Buffer.concat([bytes.subarray(0, lost), bytes.subarray(lost + 188)]));
    const request = await requestFor(gappy, 3_500, 6_500);
    const cut = await cutSegment(request, signal);
    expect(cut).toMatchObject({ method: 'reencoded', reason: 'packets are missing' });
  });
});

function isInsidePicture(bytes: Buffer, packet: number): boolean {
  const { pid, isStart } = readPacketHeader(bytes, packet);
  return pid === VIDEO_PID && !isStart;
}

describe('when told to stop', () => {
  it.each(['indexing', 'cutting', 'joining'])('ends %s at once', async (what) => {
    const request = await requestFor(source, 1_000, 2_000);
    await mkdir(join(folder, what));
    const stop = new AbortController();
    stop.abort();
    const work = {
      indexing: () => indexFrames(source, 'mpegts', stop.signal),
      cutting: () => cutSegment(request, stop.signal),
      joining: () =>
        joinSegments(
          [{ videoFile: source, frameCount: 600, durationUs: 20_000_000 }],
          join(folder, what),
          stop.signal,
        ),
    }[what]!;
    await expect(work()).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
