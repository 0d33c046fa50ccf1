import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeClip, type Span } from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { probeClip } from '../finished/probe-clip.ts';
import { inspectClip } from '../join/inspect-clip.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import { takePictures } from '../pictures/take-pictures.ts';
import { encodeRendition } from '../rendition/encode-rendition.ts';
import type { FieldOrder } from './field-pictures.fixture.ts';
import {
  distance,
  FPS,
  fieldCoded,
  fieldOrderOf,
  HEIGHT,
  mbaff,
  mbaffOpen,
  packaged,
  placeOf,
  type SeenFrame,
  seen,
  WIDTH,
  wholeFrames,
  wovenFrames,
} from './interlaced.fixture.ts';
import { useFolder } from './judged.fixture.ts';
import { chunksOf, packageOf } from './packages.fixture.ts';
import { PICTURE_PID, rewritten, spanning } from './rewrite.fixture.ts';

const folder = useFolder();
const newWork = async () =>
  new MediaWork(await mkdtemp(join(folder.path, 'work-')), new AbortController().signal);

/** In the middle, from a key frame on, from the very first frame, and up to the very last. */
const spans: Span[] = [
  [1_320, 4_520],
  [2_000, 4_000],
  [0, 1_000],
  [5_000, 6_000],
];

const mpeg2 = (order: FieldOrder) => [
  ...['-c:v', 'mpeg2video', '-q:v', '2', '-g', '12', '-flags', '+ildct+ilme'],
  ...['-top', order === 'top' ? '1' : '0'],
];

type Source = { playlistPath: string };

/** Both fields of a frame in one sample: so we copy them into MP4, where FFmpeg parts them. */
async function asMp4(source: Source): Promise<Source> {
  const output = { ...DEFAULT_OUTPUT, deinterlace: 'off' as const };
  const all: Span = [0, 6_000];
  const { clipFile } = await makeClip(source, [all], folder.path, { cut: 'copy', output });
  return packaged(['-i', clipFile], ['-c', 'copy'], folder.path, 'fmp4');
}

const kinds: [name: string, order: FieldOrder, make: () => Promise<Source>][] = (
  ['top', 'bottom'] as const
).flatMap((order): typeof kinds => [
  ['MBAFF in TS', order, () => packaged(wovenFrames(order), mbaff(order), folder.path)],
  ['MBAFF in fMP4', order, () => packaged(wovenFrames(order), mbaff(order), folder.path, 'fmp4')],
  ['field pictures, each in a PES packet', order, () => fieldCoded(order, 'apart', folder.path)],
  ['field pictures, two to a PES packet', order, () => fieldCoded(order, 'together', folder.path)],
  [
    'field pictures in fMP4',
    order,
    async () => asMp4(await fieldCoded(order, 'together', folder.path)),
  ],
  [
    'field and frame pictures',
    order,
    () => fieldCoded(order, 'apart', folder.path, { isFrame: (n) => n % 3 === 1 }),
  ],
  [
    'frame pictures alone',
    order,
    () => fieldCoded(order, 'together', folder.path, { isFrame: () => true }),
  ],
  [
    'MBAFF in TS with open GOPs, parameter sets in the first chunk only',
    order,
    () => packaged(wovenFrames(order), mbaffOpen(order), folder.path),
  ],
  ...(['apart', 'together'] as const).map((packing): (typeof kinds)[number] => [
    `field pictures ${packing}, parameter sets in the first chunk only`,
    order,
    () => fieldCoded(order, packing, folder.path, { isToldOnce: true }),
  ]),
  [
    'field and frame pictures, parameter sets in the first chunk only',
    order,
    () =>
      fieldCoded(order, 'apart', folder.path, { isFrame: (n) => n % 3 === 1, isToldOnce: true }),
  ],
  ['MPEG-2', order, () => packaged(wovenFrames(order), mpeg2(order), folder.path)],
]);

/** Where the first frame of a span is. */
const firstOf = ([startMs]: Span) => Math.round((startMs * FPS) / 1_000);
const countOf = ([startMs, endMs]: Span) => Math.round(((endMs - startMs) * FPS) / 1_000);

/** Less than the bar moves from field to field, in pixels. */
const NEAR = 3;

function expectProgressive(frames: readonly SeenFrame[], fields: readonly number[]): void {
  expect(frames).toHaveLength(fields.length);
  expect(Math.max(...frames.map(({ combing }) => combing))).toBeLessThan(2);
  const offs = frames.map(({ top, bottom }, n) =>
    Math.max(distance(top, placeOf(fields[n]!)), distance(bottom, placeOf(fields[n]!))),
  );
  expect(Math.max(...offs)).toBeLessThan(NEAR);
}

describe.each(kinds)('%s, %s field first', (name, order, make) => {
  it('is deinterlaced: one frame for each', async () => {
    const clip = await makeClip(await make(), spans, folder.path);
    const fields = spans.flatMap((span) =>
      Array.from({ length: countOf(span) }, (_, n) => 2 * (firstOf(span) + n)),
    );
    expectProgressive(await seen(clip.clipFile), fields);
    expect((await inspectClip(clip.clipFile)).times).toEqual(fields.map((_, n) => n * 3_600));
    expect(await fieldOrderOf(clip.clipFile)).toBe('progressive');
    for (const { pictures, warnings } of clip.cuts) {
      expect(pictures!.method).toBe('reencoded');
      if (name !== 'MPEG-2') expect(pictures!.reason).toBe('the video is interlaced');
      expect(warnings).toMatchObject([{ code: 'DEINTERLACED' }]);
    }
  });

  it('is deinterlaced: a frame for each field', async () => {
    const output = { ...DEFAULT_OUTPUT, deinterlace: 'field' as const };
    const clip = await makeClip(await make(), spans, folder.path, { output });
    const fields = spans.flatMap((span) =>
      Array.from({ length: 2 * countOf(span) }, (_, n) => 2 * firstOf(span) + n),
    );
    expectProgressive(await seen(clip.clipFile), fields);
    expect((await inspectClip(clip.clipFile)).times).toEqual(fields.map((_, n) => n * 1_800));
    for (const { warnings } of clip.cuts) {
      expect(warnings).toMatchObject([{ code: 'DEINTERLACED' }]);
    }
  });

  it('stays interlaced', async () => {
    const output = { ...DEFAULT_OUTPUT, deinterlace: 'off' as const };
    for (const cut of ['exact', 'copy'] as const) {
      const within: Span[] = cut === 'exact' ? spans : [[2_000, 4_000]];
      const clip = await makeClip(await make(), within, folder.path, { output, cut });
      const frames = await seen(clip.clipFile);
      const due = within.flatMap((span) =>
        Array.from({ length: countOf(span) }, (_, n) => 2 * (firstOf(span) + n)),
      );
      expect(frames).toHaveLength(due.length);
      const later = order === 'top' ? [0, 1] : [1, 0];
      const offs = frames.map(({ top, bottom }, n) =>
        Math.max(
          distance(top, placeOf(due[n]! + later[0]!)),
          distance(bottom, placeOf(due[n]! + later[1]!)),
        ),
      );
      expect(Math.max(...offs)).toBeLessThan(NEAR);
      // What says nothing of its fields in the source says nothing in the copy, either.
      const isTold = cut === 'exact' || name.startsWith('MBAFF');
      if (isTold) expect(await fieldOrderOf(clip.clipFile)).toBe(order === 'top' ? 'tt' : 'bb');
      for (const { warnings } of clip.cuts) expect(warnings ?? []).toEqual([]);
      expect(clip.warnings ?? []).toEqual([]);
      expect((await inspectClip(clip.clipFile)).times).toEqual(due.map((_, n) => n * 3_600));
    }
  });

  it.each(['exact', 'copy'] as const)('kept, cut %s: what follows is progressive', async (cut) => {
    const output = { ...DEFAULT_OUTPUT, deinterlace: 'off' as const };
    // Of open GOPs, only the first begins with a frame to copy from, and others end after the next key frame begins.
    const span: Span = name.includes('open GOPs') ? [0, 4_960] : [1_000, 5_000];
    const { clipFile } = await makeClip(await make(), [span], folder.path, { output, cut });
    const work = await newWork();
    const pictures = (await probeClip(clipFile, work))!;
    const size = { width: WIDTH / 2, height: HEIGHT / 2 };
    const plan = { name: '720p', size, pictures, keysSeconds: [0] } as const;
    const rendition = await encodeRendition(clipFile, plan, work);
    const fields = Array.from({ length: countOf(span) }, (_, n) => 2 * (firstOf(span) + n));
    expectProgressive(await seen(rendition), fields);
    const { poster, thumbnails } = await takePictures(clipFile, await newWork());
    for (const { file, atMs } of [poster, ...thumbnails]) {
      expectProgressive(await seen(file), [2 * (firstOf(span) + (atMs * FPS) / 1_000)]);
    }
  });
});

describe('progressive frames in a stream for interlaced ones', () => {
  it.each<[name: string, structureOf: (n: number) => number, isToldOnce: boolean]>(
    [false, true].flatMap((isToldOnce) => [
      ['top, bottom and top again, and so on', (n) => [5, 4, 6, 3][n % 4]!, isToldOnce],
      ['whole frames', () => 0, isToldOnce],
    ]),
  )('of which is told: %s', async (_, structureOf, isToldOnce) => {
    const unusual = { isFrame: () => true, structureOf, isToldOnce };
    const episode = await fieldCoded('top', 'together', folder.path, unusual);
    for (const deinterlace of ['frame', 'field', 'off'] as const) {
      const output = { ...DEFAULT_OUTPUT, deinterlace };
      const clip = await makeClip(episode, spans, folder.path, { output });
      const fields = spans.flatMap((span) =>
        Array.from({ length: countOf(span) }, (_, n) => 2 * (firstOf(span) + n)),
      );
      expectProgressive(await seen(clip.clipFile), fields);
      for (const { warnings } of clip.cuts) expect(warnings ?? []).toEqual([]);
    }
  });

  it.each(['ts', 'fmp4'] as const)('in %s stay what they are', async (container) => {
    const encoder = [
      '-c:v',
      'libx264',
      '-g',
      '25',
      '-x264-params',
      'fake-interlaced=1:pic-struct=1',
    ];
    const episode = await packaged(wholeFrames(), encoder, folder.path, container);
    for (const deinterlace of ['frame', 'field', 'off'] as const) {
      const output = { ...DEFAULT_OUTPUT, deinterlace };
      const clip = await makeClip(episode, spans, folder.path, { output });
      const fields = spans.flatMap((span) =>
        Array.from({ length: countOf(span) }, (_, n) => 2 * (firstOf(span) + n)),
      );
      expectProgressive(await seen(clip.clipFile), fields);
      expect(await fieldOrderOf(clip.clipFile)).toBe('progressive');
      for (const { warnings } of clip.cuts) expect(warnings ?? []).toEqual([]);
    }
  });
});

describe('clips whose key frames alone are looked at', () => {
  it('have stills without combing', async () => {
    const output = { ...DEFAULT_OUTPUT, deinterlace: 'off' as const };
    const often = mbaff('top').map((option) => (option === '25' ? '5' : option));
    const episode = await packaged(wovenFrames('top'), often, folder.path);
    const span: Span = [0, 6_000];
    const { clipFile } = await makeClip(episode, [span], folder.path, { output, cut: 'copy' });
    const { poster, thumbnails } = await takePictures(clipFile, await newWork());
    for (const { file, atMs } of [poster, ...thumbnails]) {
      expectProgressive(await seen(file), [(2 * atMs * FPS) / 1_000]);
    }
  });
});

describe('runs of which only one is interlaced', () => {
  it.each(['frame', 'field', 'off'] as const)('deinterlace: %s', async (deinterlace) => {
    const woven = await packaged(wovenFrames('top'), mbaff('top'), folder.path);
    const whole = await packaged(wholeFrames(), ['-c:v', 'libx264', '-g', '25'], folder.path);
    const runs = [await chunksOf(woven), await chunksOf(whole)];
    const playlistPath = await packageOf(runs, folder.path);
    const output = { ...DEFAULT_OUTPUT, deinterlace };
    const apart: Span[] = [
      [1_000, 3_000],
      [7_000, 9_000],
    ];
    const clip = await makeClip({ playlistPath }, apart, folder.path, { output });
    const frames = await seen(clip.clipFile);
    const each = deinterlace === 'field' ? 1 : 2;
    const first = Array.from({ length: (4 / each) * FPS }, (_, n) => 2 * FPS + each * n);
    const second = Array.from({ length: 2 * FPS }, (_, n) => 2 * (FPS + n));
    expectProgressive(frames, [...first, ...second]);
    const all = [...clip.cuts.flatMap(({ warnings }) => warnings ?? []), ...(clip.warnings ?? [])];
    expect(all).toMatchObject([{ code: 'DEINTERLACED' }]);
  });
});

it('frames are deinterlaced where their run begins with other parameter sets', async () => {
  // With a constant rate, messages of timing begin with more bits: how many, parameter sets tell.
  const rates = ['-b:v', '500k', '-maxrate', '500k', '-bufsize', '500k'];
  const other = mbaff('top').map((option) =>
    option === 'tff=1' ? 'tff=1:nal-hrd=vbr:sps-id=1' : option,
  );
  const plain = await chunksOf(await packaged(wovenFrames('top'), mbaff('top'), folder.path));
  const timed = await chunksOf(
    await packaged(wovenFrames('top'), [...other, ...rates], folder.path),
  );
  const playlistPath = await packageOf([[plain[0]!, ...timed.slice(1)]], folder.path);
  const span: Span = [2_320, 4_320];
  const clip = await makeClip({ playlistPath }, [span], folder.path);
  const fields = Array.from({ length: countOf(span) }, (_, n) => 2 * (firstOf(span) + n));
  expectProgressive(await seen(clip.clipFile), fields);
  expect(clip.cuts[0]!.warnings).toMatchObject([{ code: 'DEINTERLACED' }]);
});

it('frames that end in the next PES packet are deinterlaced, too, where only the first chunk has parameter sets', async () => {
  const episode = await packaged(wovenFrames('top'), mbaffOpen('top'), folder.path);
  for (const { file } of await chunksOf(episode)) {
    await writeFile(
      file,
      rewritten(await readFile(file), PICTURE_PID, (all) => spanning(all)),
    );
  }
  const span: Span = [2_320, 4_320];
  const clip = await makeClip(episode, [span], folder.path);
  const fields = Array.from({ length: countOf(span) }, (_, n) => 2 * (firstOf(span) + n));
  expectProgressive(await seen(clip.clipFile), fields);
  expect(clip.cuts[0]!.warnings).toMatchObject([{ code: 'DEINTERLACED' }]);
});

it.each([
  ['MBAFF', () => packaged(wovenFrames('top'), mbaffOpen('top'), folder.path)],
  ['field pictures', () => fieldCoded('top', 'together', folder.path, { isToldOnce: true })],
] as const)(
  '%s after a jump of the clock, parameter sets in the first chunk only',
  async (_, make) => {
    const episode = await make();
    const { file } = (await chunksOf(episode))[2]!;
    const later = (time?: number) => (time === undefined ? undefined : time + 90_000);
    const jumped = rewritten(await readFile(file), PICTURE_PID, (all) =>
      all.map(({ pts, dts, payload }) => ({ pts: later(pts), dts: later(dts), payload })),
    );
    await writeFile(file, jumped);
    for (const span of [
      [3_000, 5_000],
      [4_520, 5_520],
    ] satisfies Span[]) {
      const clip = await makeClip(episode, [span], folder.path);
      const fields = Array.from({ length: countOf(span) }, (_, n) => 2 * (firstOf(span) + n));
      expectProgressive(await seen(clip.clipFile), fields);
      expect(clip.cuts[0]!.opened.warnings).toMatchObject([{ code: 'CLOCK_REPAIRED' }]);
      expect(clip.cuts[0]!.warnings).toMatchObject([{ code: 'DEINTERLACED' }]);
    }
  },
);
