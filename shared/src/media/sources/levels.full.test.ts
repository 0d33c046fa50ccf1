import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeClip, type Span } from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { probeClip } from '../finished/probe-clip.ts';
import { takePictures } from '../pictures/take-pictures.ts';
import { encodeRendition } from '../rendition/encode-rendition.ts';
import { useFolder } from './judged.fixture.ts';
import {
  ALL_LEVELS,
  coloursOf,
  describeLevels,
  FPS,
  framesWith,
  furthest,
  type Levels,
  meanRgb,
  meansOf,
  packaged,
  pixelsOf,
  X264,
} from './levels.fixture.ts';
import { chunksOf, packageOf } from './packages.fixture.ts';

const folder = useFolder();
const newWork = async () =>
  new MediaWork(await mkdtemp(join(folder.path, 'work-')), new AbortController().signal);

const span: Span = [1_320, 5_320];
const FIRST = 33;
const COUNT = 100;

/** Mean red, green and blue of a frame, read as its levels say. */
const shownAt = (file: string, { matrix, isFullRange }: Levels, seconds: number) =>
  meanRgb(
    ['-i', file],
    [
      `select=eq(n\\,${Math.round(seconds * FPS)})`,
      `scale=in_color_matrix=${matrix}:in_range=${isFullRange ? 'full' : 'limited'}`,
    ],
  );

describe.each(ALL_LEVELS.map((levels) => [describeLevels(levels), levels] as const))(
  '%s',
  (_, levels) => {
    const sourceOf = (container: 'ts' | 'fmp4') =>
      packaged(framesWith(levels), X264, folder.path, container);

    it.each([
      ['ts', 'exact', 'smart'],
      ['fmp4', 'exact', 'smart'],
      ['ts', 'reencode', 'reencoded'],
    ] as const)('%s, cut %s: levels and tags are the source’s', async (container, cut, method) => {
      const { file, ...episode } = await sourceOf(container);
      const clip = await makeClip(episode, [span, [0, 1_000]], folder.path, { cut });
      expect(clip.method).toBe('copied');
      expect(clip.cuts[0]!.pictures).toMatchObject({ method });
      const source = await meansOf(file);
      const made = await meansOf(clip.clipFile);
      expect(made).toHaveLength(COUNT + FPS);
      const due = [...source.slice(FIRST, FIRST + COUNT), ...source.slice(0, FPS)];
      expect(furthest(made, due)).toBeLessThan(1);
      const { box, ...tags } = await coloursOf(file);
      const ours = await coloursOf(clip.clipFile);
      expect(ours).toMatchObject(tags);
      expect(ours.pix_fmt).toBe(pixelsOf(levels));
      if (levels.tags) expect(ours.box).toBe(box);
    });

    it('what follows a clip has its levels', async () => {
      const { file, ...episode } = await sourceOf('ts');
      const clip = await makeClip(episode, [span], folder.path);
      const work = await newWork();
      const pictures = (await probeClip(clip.clipFile, work))!;
      const size = { width: 128, height: 72 };
      const plan = { name: '720p', size, pictures, keysSeconds: [0] } as const;
      const rendition = await encodeRendition(clip.clipFile, plan, work);
      const [made, given] = [await meansOf(rendition, size), await meansOf(clip.clipFile)];
      expect(made).toHaveLength(COUNT);
      expect(furthest(made, given)).toBeLessThan(1);
      const { box: _box, ...tags } = await coloursOf(file);
      expect(await coloursOf(rendition)).toMatchObject(tags);

      const { poster, thumbnails } = await takePictures(clip.clipFile, await newWork());
      for (const picture of [poster, ...thumbnails]) {
        const seen = await shownAt(file, levels, picture.atMs / 1_000 + FIRST / FPS);
        const scaled = ['scale=in_color_matrix=bt601:in_range=full'];
        const shown = await meanRgb(['-i', picture.file], scaled);
        expect(furthest([shown], [seen])).toBeLessThan(1);
      }
    });

    it('black beside it is black', async () => {
      const { file, ...episode } = await sourceOf('ts');
      const [first, second, third] = await chunksOf(episode);
      const holed = [first!, { ...second!, isGap: true }, third!];
      const playlistPath = await packageOf([holed], folder.path);
      for (const cut of ['exact', 'reencode'] as const) {
        const options = { cut, gaps: 'black' } as const;
        const clip = await makeClip({ playlistPath }, [[1_000, 5_000]], folder.path, options);
        const made = await meansOf(clip.clipFile);
        const source = await meansOf(file);
        const black = Array.from({ length: 2 * FPS }, () => [
          levels.isFullRange ? 0 : 16,
          128,
          128,
        ]);
        const due = [...source.slice(FPS, 2 * FPS), ...black, ...source.slice(4 * FPS, 5 * FPS)];
        expect(made).toHaveLength(COUNT);
        expect(furthest(made, due)).toBeLessThan(1);
      }
    });
  },
);

describe('what is encoded because no part of it can be copied', () => {
  const x264 = (pixels: string) => [...X264.slice(0, -2), '-pix_fmt', pixels];
  const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:qp=8'];
  const mpeg2 = ['-c:v', 'mpeg2video', '-q:v', '1', '-g', '12'];
  const encoders: [name: string, encoder: string[], onlyLimited?: boolean][] = [
    ['H.264 in 4:2:2', x264('yuv422p')],
    ['H.264 in 4:4:4', x264('yuv444p')],
    ['HEVC', [...x265, '-tag:v', 'hvc1']],
    ['MPEG-2', mpeg2, true],
  ];

  it.each(
    encoders.flatMap(([name, encoder, onlyLimited]) =>
      ALL_LEVELS.filter(({ isFullRange }) => !isFullRange || !onlyLimited).map(
        (levels) => [name, describeLevels(levels), encoder, levels] as const,
      ),
    ),
  )('%s, %s', async (name, _, encoder, levels) => {
    // The scaler would make 4:4:4 of full range into limited range: it is told.
    const frames = framesWith(levels).map((one) =>
      encoder.includes('-pix_fmt')
        ? one.replace(
            /format=yuvj?420p/,
            `format=${encoder.at(-1)!.replace('yuv', levels.isFullRange ? 'yuvj' : 'yuv')}`,
          )
        : one,
    );
    const used = encoder.includes('-pix_fmt') ? encoder.slice(0, -2) : encoder;
    const { file, ...episode } = await packaged(frames, used, folder.path);
    const clip = await makeClip(episode, [span], folder.path);
    expect(clip.cuts[0]!.pictures).toMatchObject({ method: 'reencoded' });
    const {
      pix_fmt: pixels,
      color_range,
      color_space,
      color_transfer,
      color_primaries,
    } = await coloursOf(file);
    const ours = await coloursOf(clip.clipFile);
    expect(ours.pix_fmt).toBe(pixelsOf(levels));
    expect([ours.color_space, ours.color_transfer, ours.color_primaries]).toEqual([
      ...[color_space, color_transfer, color_primaries],
    ]);
    if (levels.isFullRange) expect(color_range).toBe('pc');
    const due = (
      await meansOf(
        file,
        undefined,
        pixels!.includes('420') ? [] : ['-vf', `format=${pixelsOf(levels)}`],
      )
    ).slice(FIRST, FIRST + COUNT);
    expect(due).toHaveLength(COUNT);
    expect(furthest(await meansOf(clip.clipFile), due), name).toBeLessThan(1);
  });
});

describe('runs of one episode that differ', () => {
  const [full709, , , , full, limited709, limited601, , limited2020, limited] = ALL_LEVELS;
  const pairs: [Levels, Levels][] = [
    [full709!, limited709!],
    [limited709!, full709!],
    [limited601!, limited709!],
    [limited709!, limited2020!],
    [limited!, full!],
    [full!, limited709!],
    [limited!, limited709!],
  ];

  it.each(pairs.map(([a, b]) => [describeLevels(a), describeLevels(b), a, b] as const))(
    '%s, then %s: shown as each run is, and told once',
    async (_first, _second, first, second) => {
      const [one, other] = await Promise.all(
        [first, second].map((levels) => packaged(framesWith(levels), X264, folder.path)),
      );
      const runs = [await chunksOf(one!), await chunksOf(other!)];
      const playlistPath = await packageOf(runs, folder.path);
      const within: Span[] = [[4_000, 8_000]];
      const apart: Span[] = [
        [1_000, 3_000],
        [7_000, 9_000],
      ];
      for (const spans of [within, apart]) {
        const clip = await makeClip({ playlistPath }, spans, folder.path);
        const { box: _box, ...tags } = await coloursOf(one!.file);
        expect(await coloursOf(clip.clipFile)).toMatchObject(tags);
        const [startOfOne, startOfOther] = spans === within ? [4, 0] : [1, 1];
        for (const clipSeconds of [0.2, 1.8, 2.2, 3.8]) {
          const [levels, file, at] =
            clipSeconds < 2
              ? ([first, one!.file, startOfOne + clipSeconds] as const)
              : ([second, other!.file, startOfOther + clipSeconds - 2] as const);
          const shown = await shownAt(clip.clipFile, first, clipSeconds);
          const due = await shownAt(file, levels, at);
          expect(furthest([shown], [due])).toBeLessThan(1);
        }
      }
    },
  );
});
