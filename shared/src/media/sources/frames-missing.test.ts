import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { PACKET_BYTES, readPacketHeader } from '../transport-stream/packets/packets.ts';
import {
  framesOf,
  listenTo,
  madeClip,
  numbersIn,
  shortEpisode,
  type TestEpisode,
  useFolder,
  warningsOf,
} from './judged.fixture.ts';
import { chunksOf, packageOf, withChunks } from './packages.fixture.ts';
import { PICTURE_PID, rewritten, SOUND_PID } from './rewrite.fixture.ts';

const folder = useFolder();
const FPS = '30';

/**
 * An episode of four chunks of three seconds, of which some have no frames, or no audio.
 * @param isListed whether the program map still lists what is not there
 */
async function lacking(
  what: 'v' | 'a',
  which: readonly number[],
  isListed = false,
  encoder?: readonly string[],
): Promise<TestEpisode> {
  const plain = await shortEpisode();
  const episode = encoder ? await encodedAnew(plain, encoder, folder.path) : plain;
  const dir = await mkdtemp(join(folder.path, 'lacking-'));
  const chunks = await chunksOf(episode);
  for (const n of which) {
    const file = join(dir, `${n}.ts`);
    const from = chunks[n]!.file;
    if (isListed) await writeFile(file, withoutPid(await readFile(from), what));
    else await repacked(from, [`-${what}n`, '-streamid', what === 'v' ? '0:257' : '0:256'], file);
    chunks[n] = { ...chunks[n]!, file };
  }
  return { ...episode, playlistPath: await packageOf([chunks], folder.path) };
}

const repacked = (from: string, options: readonly string[], to: string) =>
  promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-copyts', '-i', from, '-map', '0', '-c', 'copy', ...options],
    ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', to],
  ]);

/** The tables stay as they are. */
function withoutPid(stream: Buffer, what: 'v' | 'a'): Buffer {
  const pid = what === 'v' ? PICTURE_PID : SOUND_PID;
  const packets = Array.from({ length: stream.length / PACKET_BYTES }, (_, n) =>
    stream.subarray(n * PACKET_BYTES, (n + 1) * PACKET_BYTES),
  );
  return Buffer.concat(packets.filter((packet) => readPacketHeader(packet, 0).pid !== pid));
}

const held = (count: number, number: number | undefined) => Array(count).fill(number);

describe('a chunk without frames', () => {
  it.each<[name: string, which: number[], span: Span, expected: (number | undefined)[]]>([
    [
      'at the end of a segment',
      [1],
      [2_000, 4_000],
      [...framesOf([2_000, 3_000], FPS), ...held(30, 89)],
    ],
    ['at its beginning', [1], [5_000, 7_000], [...held(30, 89), ...framesOf([6_000, 7_000], FPS)]],
    [
      'in its middle',
      [1],
      [2_500, 6_500],
      [...framesOf([2_500, 3_000], FPS), ...held(90, 89), ...framesOf([6_000, 6_500], FPS)],
    ],
    ['around it', [1], [4_000, 5_000], held(30, 89)],
    ['and the next one', [1, 2], [7_000, 8_000], held(30, 89)],
    [
      'where the episode ends',
      [3],
      [8_500, 12_000],
      [...framesOf([8_500, 9_000], FPS), ...held(90, 269)],
    ],
  ])('%s: the last frame is held', async (_, which, span, expected) => {
    for (const isListed of [true, false]) {
      const { clipFile, cuts } = await madeClip(
        await lacking('v', which, isListed),
        [span],
        folder.path,
      );
      expect(await numbersIn(clipFile)).toEqual(expected);
      const { endMs, offsetMs } = await listenTo(clipFile);
      expect(Math.abs(endMs - (span[1] - span[0]))).toBeLessThan(34);
      for (const at of [100, span[1] - span[0] - 400]) {
        expect(Math.abs(offsetMs(at, span[0] + at) ?? 99)).toBeLessThan(1);
      }
      expect(cuts[0]!.opened.warnings).toEqual([
        {
          code: 'FRAMES_MISSING',
          message: expect.stringMatching(/has no frames from .*: the last frame is held\./),
          atMs: Math.max(span[0], which[0]! * 3_000),
        },
      ]);
    }
  });

  it('where the episode begins: black', async () => {
    const { clipFile, cuts } = await madeClip(
      await lacking('v', [0], true),
      [[2_000, 4_000]],
      folder.path,
    );
    expect(await numbersIn(clipFile)).toEqual([
      ...held(30, undefined),
      ...framesOf([3_000, 4_000], FPS),
    ]);
    expect(cuts[0]!.opened.warnings).toMatchObject(
      [{ code: 'FRAMES_MISSING', message: /black/ }].map(({ code }) => ({
        code,
        message: expect.stringContaining('black is shown'),
      })),
    );
  });

  it.each<[Span[]]>([
    [
      [
        [1_000, 2_000],
        [4_000, 5_000],
      ],
    ],
    [
      [
        [4_000, 5_000],
        [1_000, 2_000],
      ],
    ],
  ])('in one of two segments: %s', async (spans) => {
    const clip = await madeClip(await lacking('v', [1]), spans, folder.path);
    const expected = spans.flatMap((span) =>
      span[0] === 4_000 ? held(30, 89) : framesOf(span, FPS),
    );
    expect(await numbersIn(clip.clipFile)).toEqual(expected);
    expect(Math.abs((await listenTo(clip.clipFile)).endMs - 2_000)).toBeLessThan(34);
  });
});

describe('a chunk without audio', () => {
  it.each<[Span[]]>([
    [[[2_500, 6_500]]],
    [
      [
        [1_000, 2_000],
        [4_000, 5_000],
      ],
    ],
    [
      [
        [4_000, 5_000],
        [1_000, 2_000],
      ],
    ],
  ])('is silent, and that is told: %s', async (spans) => {
    for (const isListed of [true, false]) {
      const clip = await madeClip(await lacking('a', [1], isListed), spans, folder.path);
      expect(await numbersIn(clip.clipFile)).toEqual(spans.flatMap((span) => framesOf(span, FPS)));
      const lengthMs = spans.reduce((sum, [from, to]) => sum + to - from, 0);
      expect(Math.abs((await listenTo(clip.clipFile)).endMs - lengthMs)).toBeLessThan(34);
      const codes = clip.cuts.flatMap(warningsOf).map(({ code }) => code);
      expect(codes).toEqual(['AUDIO_MISSING']);
    }
  });
});

/** Only FFmpeg reads it. */
const MPEG4 = [
  ...['-c:v', 'mpeg4', '-q:v', '3', '-g', '45', '-enc_time_base', '1:48000'],
  ...['-bsf:v', 'dump_extra'],
];

it.each([true, false])(
  'a chunk of MPEG-4 without audio is silent, and that is told',
  async (isListed) => {
    const episode = await lacking('a', [1], isListed, MPEG4);
    const { clipFile, cuts } = await madeClip(episode, [[4_000, 5_000]], folder.path);
    expect(await numbersIn(clipFile)).toEqual(framesOf([4_000, 5_000], FPS));
    expect(cuts.flatMap(warningsOf).map(({ code }) => code)).toEqual(['AUDIO_MISSING']);
  },
);

describe('a recording that starts in the middle of a GOP', () => {
  /** Its first chunk lacks the key frame it begins with: nothing decodes before 1.5 s. */
  async function midGop(): Promise<TestEpisode> {
    return withChunks(await shortEpisode(), folder.path, (bytes, n) =>
      n === 0 ? rewritten(bytes, PICTURE_PID, (all) => all.slice(8)) : bytes,
    );
  }

  it('gives what can be decoded, and says from when', async () => {
    const clip = await madeClip(await midGop(), [[0, 3_000]], folder.path);
    expect((await numbersIn(clip.clipFile))[0]).toBe(45);
    expect(clip.cuts[0]!.opened.warnings).toEqual([
      {
        code: 'SHORTER_THAN_ASKED',
        message: expect.stringMatching(
          /^Nothing before 00:00:01\.\d+ can be decoded, because the recording starts in the middle of a GOP/,
        ),
        atMs: 0,
      },
    ]);
  });

  it('is refused truly where nothing can', async () => {
    await expect(madeClip(await midGop(), [[0, 800]], folder.path)).rejects.toMatchObject({
      code: 'SEGMENT_EMPTY',
      message: expect.stringMatching(/^Nothing before 00:00:01\.\d+ can be decoded/),
    });
  });
});
