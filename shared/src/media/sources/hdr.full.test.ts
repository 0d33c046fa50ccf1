import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeClip, type Span, segmentFiles } from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { describeClip } from '../finished/describe-clip.ts';
import { probeClip } from '../finished/probe-clip.ts';
import { joinSegments } from '../join/join-segments.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import { takePictures } from '../pictures/take-pictures.ts';
import { encodeRendition } from '../rendition/encode-rendition.ts';
import {
  type DeepKind,
  deepEpisode,
  deepMeansOf,
  HLG,
  masteringOf,
  PQ,
  SDR_KINDS,
} from './hdr.fixture.ts';
import { useFolder } from './judged.fixture.ts';
import { coloursOf, furthest, meanRgb, meansOf } from './levels.fixture.ts';
import { chunksOf, packageOf } from './packages.fixture.ts';

const folder = useFolder();
const newWork = async () =>
  new MediaWork(await mkdtemp(join(folder.path, 'work-')), new AbortController().signal);

const spans: Span[] = [
  [1_320, 4_320],
  [0, 1_000],
];
const due = <Item>(frames: readonly Item[]) => [...frames.slice(33, 108), ...frames.slice(0, 25)];

const withHevc = { ...DEFAULT_OUTPUT, allowHevc: true };
const BT709 = { color_space: 'bt709', color_transfer: 'bt709', color_primaries: 'bt709' };

const describeKind = ({ codec, tags, isFullRange }: DeepKind) =>
  `${codec}, ${tags?.join('/') ?? 'untagged'}, ${isFullRange ? 'full' : 'limited'}`;

describe.each(SDR_KINDS.map((kind) => [describeKind(kind), kind] as const))(
  '10 bits: %s',
  (_, kind) => {
    it.each(['ts', 'fmp4'] as const)(
      'in %s become 8, at the same levels, which is told',
      async (container) => {
        const { file, ...episode } = await deepEpisode(kind, folder.path, container);
        const clip = await makeClip(episode, spans, folder.path);
        expect(clip.method).toBe('copied');
        expect(furthest(await meansOf(clip.clipFile), due(await deepMeansOf(file)))).toBeLessThan(
          1,
        );
        const {
          box: _b,
          pix_fmt: _p,
          codec_name: _c,
          color_range: _r,
          ...tags
        } = await coloursOf(file);
        expect(await coloursOf(clip.clipFile)).toMatchObject({
          ...tags,
          codec_name: 'h264',
          pix_fmt: kind.isFullRange ? 'yuvj420p' : 'yuv420p',
        });
        for (const { warnings } of clip.cuts) {
          expect(warnings).toMatchObject([{ code: 'BIT_DEPTH_REDUCED' }]);
        }
      },
    );
  },
);

describe.each([...SDR_KINDS, PQ, HLG].map((kind) => [describeKind(kind), kind] as const))(
  'HEVC is allowed: %s',
  (_, kind) => {
    it.each(['ts', 'fmp4'] as const)('in %s stays what it is', async (container) => {
      const { file, ...episode } = await deepEpisode(kind, folder.path, container);
      const clip = await makeClip(episode, spans, folder.path, { output: withHevc });
      expect(clip.method).toBe('copied');
      const made = await deepMeansOf(clip.clipFile);
      expect(made).toHaveLength(100);
      expect(furthest(made, due(await deepMeansOf(file)))).toBeLessThan(1);
      const { box, codec_name: _c, ...tags } = await coloursOf(file);
      const ours = await coloursOf(clip.clipFile);
      expect(ours).toMatchObject({ ...tags, codec_name: 'hevc' });
      if (kind.tags) expect(ours.box).toBe(box);
      expect(await masteringOf(clip.clipFile)).toEqual(await masteringOf(file));
      for (const { warnings } of clip.cuts) expect(warnings ?? []).toEqual([]);
      const { video } = await describeClip(clip.clipFile, clip, await newWork());
      // Main 10, and a level for so few pixels.
      expect(video?.codec).toMatch(/^hvc1\.2\.4\.L(30|60|63)\./);
    });
  },
);

describe.each([
  ['PQ', PQ],
  ['HLG', HLG],
] as const)('%s', (_, kind) => {
  it('becomes SDR where HEVC is not allowed, which is told', async () => {
    const { file: _file, ...episode } = await deepEpisode(kind, folder.path);
    const clip = await makeClip(episode, spans, folder.path);
    expect(await coloursOf(clip.clipFile)).toMatchObject({ ...BT709, pix_fmt: 'yuv420p' });
    for (const { warnings } of clip.cuts) {
      expect(warnings).toMatchObject([{ code: 'DYNAMIC_RANGE_REDUCED' }]);
    }
    expect(await meansOf(clip.clipFile)).toHaveLength(100);
  });

  it.each([false, true])('becomes SDR on request, HEVC allowed: %s', async (allowHevc) => {
    const { file: _file, ...episode } = await deepEpisode(kind, folder.path);
    const output = { ...DEFAULT_OUTPUT, allowHevc, hdr: 'tonemap' as const };
    const clip = await makeClip(episode, spans, folder.path, { output });
    expect(await coloursOf(clip.clipFile)).toMatchObject({ ...BT709, pix_fmt: 'yuv420p' });
    for (const { warnings } of clip.cuts) expect(warnings ?? []).toEqual([]);
  });

  it.each(['exact', 'copy'] as const)('kept, cut %s: what follows is SDR', async (cut) => {
    const { file, ...episode } = await deepEpisode(kind, folder.path);
    const all: Span[] = [[0, 4_000]];
    const clip = await makeClip(episode, all, folder.path, { output: withHevc, cut });
    expect(await coloursOf(clip.clipFile)).toMatchObject({ codec_name: 'hevc' });
    expect((await coloursOf(clip.clipFile)).box).toBe((await coloursOf(file)).box);
    const tonemapped = await makeClip(episode, all, folder.path);
    const work = await newWork();
    const pictures = (await probeClip(clip.clipFile, work))!;
    const plan = {
      name: '720p',
      size: { width: 160, height: 90 },
      pictures,
      keysSeconds: [0],
    } as const;
    const rendition = await encodeRendition(clip.clipFile, plan, work);
    expect(await coloursOf(rendition)).toMatchObject({
      ...BT709,
      codec_name: 'h264',
      pix_fmt: 'yuv420p',
    });
    const [made, mapped] = [await meansOf(rendition), await meansOf(tonemapped.clipFile)];
    expect(made).toHaveLength(100);
    expect(furthest(made, mapped)).toBeLessThan(2);
    const { poster, thumbnails } = await takePictures(clip.clipFile, await newWork());
    for (const { file, atMs } of [poster, ...thumbnails]) {
      const shown = await meanRgb(['-i', file], ['scale=in_color_matrix=bt601:in_range=full']);
      const select = `select=eq(n\\,${Math.round(atMs / 40)})`;
      const bt709 = 'scale=in_color_matrix=bt709:in_range=limited';
      const like = await meanRgb(['-i', tonemapped.clipFile], [select, bt709]);
      expect(furthest([shown], [like])).toBeLessThan(3);
    }
  });
});

describe('dark frames, whose luma fits into 8 bits', () => {
  it.each([
    ['HEVC is allowed', PQ, withHevc],
    ['HEVC is not allowed', SDR_KINDS[0]!, DEFAULT_OUTPUT],
  ])('%s: cut, joined and checked at their true depth', async (_, kind, output) => {
    const { file, ...episode } = await deepEpisode({ ...kind, isDark: true }, folder.path);
    const clip = await makeClip(episode, spans, folder.path, { output });
    const codes = clip.cuts.flatMap(({ warnings }) => warnings ?? []).map(({ code }) => code);
    expect(codes).toEqual(output.allowHevc ? [] : ['BIT_DEPTH_REDUCED', 'BIT_DEPTH_REDUCED']);
    expect(clip.warnings ?? []).toEqual([]);
    const means = output.allowHevc ? deepMeansOf : meansOf;
    expect(furthest(await means(clip.clipFile), due(await deepMeansOf(file)))).toBeLessThan(1);
  });
});

describe('runs of one episode', () => {
  it('that are HDR and SDR become SDR, which is told', async () => {
    const [hdr, sdr] = [
      await deepEpisode(PQ, folder.path),
      await deepEpisode(SDR_KINDS[0]!, folder.path),
    ];
    const runs = [await chunksOf(hdr), await chunksOf(sdr)];
    const playlistPath = await packageOf(runs, folder.path);
    const within: Span[] = [[4_000, 8_000]];
    const apart: Span[] = [
      [1_000, 3_000],
      [7_000, 9_000],
    ];
    for (const asked of [within, apart]) {
      const clip = await makeClip({ playlistPath }, asked, folder.path, { output: withHevc });
      expect(await coloursOf(clip.clipFile)).toMatchObject({ ...BT709, pix_fmt: 'yuv420p' });
      const codes = [
        ...clip.cuts.flatMap(({ warnings }) => warnings ?? []),
        ...(clip.warnings ?? []),
      ];
      expect(codes.map(({ code }) => code)).toContain('DYNAMIC_RANGE_REDUCED');
    }
  });

  it('of which one is copied as HEVC and one is encoded stay HDR', async () => {
    const { file, ...episode } = await deepEpisode(PQ, folder.path);
    const one = await makeClip(episode, [[2_000, 4_000]], folder.path, {
      cut: 'copy',
      output: withHevc,
    });
    const other = await makeClip(episode, [[1_000, 2_000]], folder.path, { output: withHevc });
    const files = [one, other].map(({ cuts }) => segmentFiles(cuts[0]!));
    const joined = await joinSegments(files, await newWork());
    expect(joined.method).toBe('reencoded');
    expect(joined.warnings ?? []).toEqual([]);
    const { box: _box, ...tags } = await coloursOf(file);
    expect(await coloursOf(joined.clipFile)).toMatchObject(tags);
    expect(await masteringOf(joined.clipFile)).toEqual(await masteringOf(file));
    const source = await deepMeansOf(file);
    const wanted = [...source.slice(50, 100), ...source.slice(25, 50)];
    expect(furthest(await deepMeansOf(joined.clipFile), wanted)).toBeLessThan(1);
  });
});
