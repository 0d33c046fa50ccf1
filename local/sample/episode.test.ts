import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeVerdict, judgeClip } from '../judge/index.ts';
import { type EpisodeSpec, makeEpisode } from './episode.ts';
import { parseFrameRate } from './frame-rate.ts';
import { type Gop, keyFramesOf } from './key-frames.ts';

const run = promisify(execFile);
let dir: string;
let made = 0;
const make = (spec: EpisodeSpec) =>
  makeEpisode({ dir: join(dir, `episode 100% ${++made}`), width: 320, height: 180, ...spec });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'splicebus-sample-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('makeEpisode', () => {
  it.each<[string, EpisodeSpec, number]>([
    ['transport stream', {}, 420],
    ['fragmented MP4', { container: 'fmp4' }, 420],
    ['fragmented MP4 of open GOPs', { container: 'fmp4', gop: 'open' }, 420],
    ['29.97 frames per second', { fps: '30000/1001' }, 419],
    [
      '25 frames per second, no B-frames, short chunks',
      { fps: '25', bframes: 0, chunkSeconds: 2 },
      350,
    ],
    ['a tall picture', { width: 202, height: 360 }, 420],
    ['no sound', { audio: false }, 420],
  ])('shows every frame once, with its sound: %s', async (_, spec, frameCount) => {
    const episode = await make({ seconds: 14, ...spec });
    expect(episode.frameCount).toBe(frameCount);
    const verdict = await judgeClip({
      clipPath: episode.playlistPath,
      segments: [{ startMs: 0, endMs: 14_000 }],
      fps: episode.fps,
      episodeFrameCount: episode.frameCount,
      hasAudio: episode.audio,
    });
    // All that is wrong with a playlist is that it is not an MP4 file.
    expect(verdict.faults, describeVerdict(verdict)).toEqual(['moov does not come before mdat']);
    expect(verdict.picture.frameCount).toBe(frameCount);
    expect(verdict.file).toMatchObject({ width: episode.width, height: episode.height });
  });

  it('is H.264 High with closed GOPs and B-frames, and stereo AAC', async () => {
    const { playlistPath } = await make({ seconds: 8 });
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-of', 'json', '-show_entries'],
      'stream=codec_name,profile,sample_rate,channels:frame=media_type,key_frame,pict_type',
      playlistPath,
    ]);
    const { streams, frames } = JSON.parse(stdout) as {
      streams: Record<string, unknown>[];
      frames: { media_type: string; key_frame: number; pict_type: string }[];
    };
    expect(streams).toEqual([
      expect.objectContaining({ codec_name: 'h264', profile: 'High' }),
      expect.objectContaining({ codec_name: 'aac', sample_rate: '48000', channels: 2 }),
    ]);
    const types = frames
      .filter(({ media_type }) => media_type === 'video')
      .map(({ key_frame, pict_type }) => (key_frame ? 'K' : pict_type))
      .join('');
    expect(types).toMatch(/^(K[BP]{58}P){4}$/);
    expect(types).toContain('PBBBP');
  });

  it.each<EpisodeSpec>([
    { gop: 'closed', fps: '25', bframes: 0 },
    { gop: 'open', fps: '30000/1001', bframes: 3 },
    { gop: 'open', fps: '50', bframes: 0, container: 'fmp4' },
    { gop: 'open', fps: '24000/1001', bframes: 3, container: 'fmp4' },
    { gop: 'irregular', fps: '24000/1001', bframes: 3 },
  ])('has its key frames where keyFramesOf says: %j', async (spec) => {
    const episode = await make({ ...spec, seconds: 20 });
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v', '-of', 'json', '-show_entries'],
      'frame=key_frame,pts_time:frame_side_data=',
      episode.playlistPath,
    ]);
    const { frames } = JSON.parse(stdout) as { frames: { key_frame: number; pts_time: string }[] };
    expect(new Set(frames.map(({ pts_time }) => pts_time)).size).toBe(episode.frameCount);
    const keys = frames.flatMap(({ key_frame }, n) => (key_frame ? n : []));
    expect(keys).toEqual(keyFramesOf(episode, parseFrameRate(episode.fps)));
    expect(keys.length).toBeGreaterThan(2);
  });

  it.each<[Gop, number]>([
    ['closed', 5],
    ['open', 1],
  ])('of %s GOPs has %i IDR pictures in ten seconds', async (gop, count) => {
    const episode = await make({ gop, seconds: 10, chunkSeconds: 20 });
    const bytes = await readFile(join(episode.dir, 'chunk_00000.ts'));
    // A NAL unit of type 5 behind its start code, with nal_ref_idc 3: ITU-T H.264, 7.3.1.
    expect(bytes.toString('latin1').split('\x00\x00\x01\x65').length - 1).toBe(count);
  });

  it('lists chunks of the wanted length in a finished playlist', async () => {
    const { playlistPath } = await make({ seconds: 14 });
    const playlist = await readFile(playlistPath, 'utf8');
    expect(playlist.match(/(?<=#EXTINF:)[\d.]+/g)?.map(Number)).toEqual([6, 6, 2]);
    expect(playlist).toContain('#EXT-X-PLAYLIST-TYPE:VOD');
    expect(playlist.trimEnd().endsWith('#EXT-X-ENDLIST')).toBe(true);
    expect(playlist).not.toContain(dir);
  });

  it.each<[EpisodeSpec, string]>([
    [{ fps: '29.97' }, '30000/1001'],
    [{ width: 321 }, 'even'],
    [{ height: 40 }, 'at least 160 × 90'],
    [{ seconds: 0 }, 'shorter than one frame'],
    [{ seconds: 40_000 }, 'barcode'],
    [{ gopSeconds: 0 }, 'gopSeconds'],
    [{ bframes: -1 }, 'bframes'],
  ])('refuses %j', async (spec, hint) => {
    await expect(make(spec)).rejects.toMatchObject({
      code: 'INVALID_SPEC',
      message: expect.stringContaining(hint),
    });
  });

  it('says what ffmpeg says when that fails', async () => {
    // A program that takes any arguments, encodes nothing and fails.
    const broken = makeEpisode({ dir: join(dir, 'broken'), seconds: 1, ffmpegPath: 'false' });
    await expect(broken).rejects.toMatchObject({ code: 'ENCODING_FAILED' });
  });
});
