import { describe, expect, it } from 'vitest';
import type { Span } from '../clip.fixture.ts';
import { boxesIn, neededBody, readBox } from '../mp4/boxes.ts';
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
import { withChunks } from './packages.fixture.ts';

const folder = useFolder();
const FPS = '30';
/** FFmpeg's numbers of the tracks. */
const TRACKS = { video: 1, audio: 2 };

/** Chunks of three seconds of fMP4, of which some have no video, or no audio. */
async function lacking(what: keyof typeof TRACKS, which: readonly number[]): Promise<TestEpisode> {
  const episode = await shortEpisode({ container: 'fmp4', bframes: 0 });
  return withChunks(episode, folder.path, (bytes, n) =>
    which.includes(n) ? withoutTrack(bytes, TRACKS[what]) : bytes,
  );
}

/** Nothing refers to what lies in the chunk of a track any more. */
function withoutTrack(chunk: Buffer, trackId: number): Buffer {
  const changed = Buffer.from(chunk);
  for (let at = 0; ; ) {
    const box = readBox(changed, at, changed.length);
    if (!box) return changed;
    at = box.end;
    if (box.type !== 'moof') continue;
    for (const { type, body } of boxesIn(changed.subarray(box.bodyAt, box.end))) {
      const isOfIt = type === 'traf' && neededBody(body, 'tfhd').readUInt32BE(4) === trackId;
      if (isOfIt) changed.write('free', body.byteOffset - changed.byteOffset - 4, 'latin1');
    }
  }
}

const ORDERS: [name: string, spans: Span[]][] = [
  [
    'with it first',
    [
      [1_000, 2_000],
      [4_000, 5_000],
    ],
  ],
  [
    'without it first',
    [
      [4_000, 5_000],
      [1_000, 2_000],
    ],
  ],
  ['in one segment', [[2_500, 6_500]]],
  [
    'in the middle of three',
    [
      [1_000, 2_000],
      [4_000, 5_000],
      [7_000, 8_000],
    ],
  ],
  [
    'on both sides',
    [
      [4_000, 5_000],
      [7_000, 8_000],
      [3_200, 4_700],
    ],
  ],
];

const isIn = ([from, to]: Span) => from >= 3_000 && to <= 6_000;
const overlaps = ([from, to]: Span) => from < 6_000 && to > 3_000;

describe('a chunk of fMP4 without audio', () => {
  it.each([...ORDERS, ['alone', [[4_000, 5_000]]] as (typeof ORDERS)[number]])(
    'is silent, and that is told: %s',
    async (_, spans) => {
      const clip = await madeClip(await lacking('audio', [1]), spans, folder.path);
      expect(await numbersIn(clip.clipFile)).toEqual(spans.flatMap((span) => framesOf(span, FPS)));
      for (const [n, cut] of clip.cuts.entries()) {
        const due = overlaps(spans[n]!) ? [['AUDIO_MISSING', Math.max(spans[n]![0], 3_000)]] : [];
        const told = warningsOf(cut).map(({ code, atMs }) => [code, atMs]);
        expect(told).toEqual(due.map(([code, atMs]) => [code, expect.closeTo(Number(atMs), -2)]));
      }
      if (spans.every(isIn)) return;
      const { endMs, offsetMs, loudest } = await listenTo(clip.clipFile);
      let at = 0;
      for (const span of spans) {
        const lengthMs = span[1] - span[0];
        if (isIn(span)) expect(loudest(at + 100, lengthMs - 200)).toBeLessThan(0.002);
        else expect(Math.abs(offsetMs(at + 100, span[0] + 100) ?? 99)).toBeLessThan(1);
        at += lengthMs;
      }
      expect(Math.abs(endMs - at)).toBeLessThan(34);
    },
  );
});

describe('a chunk of fMP4 without video', () => {
  it.each([...ORDERS, ['alone', [[4_000, 5_000]]] as (typeof ORDERS)[number]])(
    'holds the last frame, and that is told: %s',
    async (_, spans) => {
      const clip = await madeClip(await lacking('video', [1]), spans, folder.path);
      expect(await numbersIn(clip.clipFile)).toEqual(
        spans.flatMap((span) =>
          framesOf(span, FPS).map((number) => (number >= 90 && number < 180 ? 89 : number)),
        ),
      );
      for (const [n, cut] of clip.cuts.entries()) {
        const atMs = Math.max(spans[n]![0], 3_000);
        const due = overlaps(spans[n]!) ? [['FRAMES_MISSING', atMs]] : [];
        expect(warningsOf(cut).map((warning) => [warning.code, warning.atMs])).toEqual(due);
      }
      const { endMs, offsetMs } = await listenTo(clip.clipFile);
      let at = 0;
      for (const span of spans) {
        expect(Math.abs(offsetMs(at + 100, span[0] + 100) ?? 99)).toBeLessThan(1);
        at += span[1] - span[0];
      }
      expect(Math.abs(endMs - at)).toBeLessThan(34);
    },
  );
});

it('where an episode begins without audio, that is told', async () => {
  const clip = await madeClip(await lacking('audio', [0, 1]), [[500, 2_500]], folder.path);
  expect(clip.cuts.flatMap(warningsOf).map(({ code }) => code)).toEqual(['AUDIO_MISSING']);
});

it('where an episode begins without video: black, and that is told', async () => {
  const clip = await madeClip(await lacking('video', [0]), [[2_000, 4_000]], folder.path);
  expect(await numbersIn(clip.clipFile)).toEqual([
    ...Array(30).fill(undefined),
    ...framesOf([3_000, 4_000], FPS),
  ]);
  expect(clip.cuts.flatMap(warningsOf).map(({ code }) => code)).toEqual(['FRAMES_MISSING']);
});
