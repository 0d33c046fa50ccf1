import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import {
  framesOf,
  listenTo,
  madeClip,
  numbersIn,
  shortEpisode,
  type TestEpisode,
  useFolder,
} from './judged.fixture.ts';
import { chunksOf, packageOf } from './packages.fixture.ts';

const folder = useFolder();

type Kind = 'marked' | 'absent';

/** An episode without one of its chunks of three seconds. */
async function without(chunk: number, kind: Kind, episode: TestEpisode): Promise<TestEpisode> {
  const chunks = (await chunksOf(episode)).map((each, n) => ({
    ...each,
    isGap: kind === 'marked' && n === chunk,
  }));
  return {
    ...episode,
    playlistPath: await packageOf([chunks], folder.path, kind === 'absent' ? [chunk] : []),
  };
}

const FPS = '30';
const FRAME_MS = 1000 / 30;

/** Each: where the gap lies in the segment, the chunk that is missing, and what was asked for. */
const PLACES: [where: string, chunk: number, span: Span][] = [
  ['at the beginning', 1, [4_200, 7_300]],
  ['in the middle', 2, [4_200, 10_300]],
  ['at the end', 2, [4_200, 7_300]],
  ['where the episode begins', 0, [1_200, 4_300]],
  ['where the episode ends', 3, [7_200, 12_000]],
];

const gapOf = (chunk: number): Span => [chunk * 3000, (chunk + 1) * 3000];

/** The parts of a span before a gap, in it, and after it. */
function partsOf([start, end]: Span, [from, to]: Span): { before: Span; gap: Span; after: Span } {
  return {
    before: [start, Math.max(start, from)],
    gap: [Math.max(start, from), Math.min(end, to)],
    after: [Math.min(end, to), end],
  };
}

const lengthOf = ([start, end]: Span) => end - start;

describe.each<[Kind, 'ts' | 'fmp4']>([
  ['marked', 'ts'],
  ['absent', 'ts'],
  ['marked', 'fmp4'],
  ['absent', 'fmp4'],
])('a chunk that is %s, in %s', (kind, container) => {
  it('makes the request fail, and is named', async () => {
    const episode = await without(2, kind, await shortEpisode({ container }));
    const name = new RegExp(
      `chunk-2\\..* ${kind === 'marked' ? 'EXT-X-GAP' : 'not in the bucket'}`,
    );
    const refused = madeClip(episode, [[4_200, 10_300]], folder.path);
    await expect(refused).rejects.toMatchObject({ code: 'CHUNK_NOT_FOUND' });
    await expect(refused).rejects.toThrow(kind === 'marked' ? /chunk-2\..*EXT-X-GAP/ : /chunk-2\./);
    expect(name).toBeDefined();
  });

  it.each(PLACES)('is left out %s', async (_, chunk, span) => {
    const episode = await without(chunk, kind, await shortEpisode({ container }));
    const { clipFile } = await madeClip(episode, [span], folder.path, { gaps: 'skip' });
    const { before, after } = partsOf(span, gapOf(chunk));
    expect(await numbersIn(clipFile)).toEqual([...framesOf(before, FPS), ...framesOf(after, FPS)]);
    const { offsetMs } = await listenTo(clipFile);
    for (const [part, clipMs] of [
      [before, 0],
      [after, lengthOf(before)],
    ] as const) {
      if (lengthOf(part) === 0) continue;
      const middle = lengthOf(part) / 2 - 125;
      expect(Math.abs(offsetMs(clipMs + middle, part[0] + middle) ?? 99)).toBeLessThan(1);
    }
  });

  it.each(PLACES)('is black and silent %s', async (_, chunk, span) => {
    const episode = await without(chunk, kind, await shortEpisode({ container }));
    const { clipFile, method } = await madeClip(episode, [span], folder.path, { gaps: 'black' });
    const { before, gap, after } = partsOf(span, gapOf(chunk));
    const black = framesOf(gap, FPS).map(() => undefined);
    const expected = [...framesOf(before, FPS), ...black, ...framesOf(after, FPS)];
    expect(await numbersIn(clipFile)).toEqual(expected);
    expect(method).toBe('copied');
    const { offsetMs, loudest, endMs } = await listenTo(clipFile);
    expect(Math.abs(endMs - lengthOf(span))).toBeLessThan(FRAME_MS);
    const starts = { before: 0, gap: lengthOf(before), after: lengthOf(before) + lengthOf(gap) };
    expect(loudest(starts.gap + 50, lengthOf(gap) - 100)).toBeLessThan(0.001);
    for (const [part, clipMs] of [
      [before, 0],
      [after, starts.after],
    ] as const) {
      if (lengthOf(part) === 0) continue;
      const middle = lengthOf(part) / 2 - 125;
      expect(Math.abs(offsetMs(clipMs + middle, part[0] + middle) ?? 99)).toBeLessThan(1);
    }
  });
});

describe('black pictures beside', () => {
  it.each<[name: string, encoder: string[]]>([
    [
      'HEVC',
      ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=45:log-level=none'],
    ],
    ['VP9', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '45']],
  ])('%s have its size', async (_, encoder) => {
    const other = await encodedAnew(await shortEpisode(), encoder, folder.path, {
      container: 'fmp4',
    });
    const episode = await without(2, 'marked', other);
    const { clipFile } = await madeClip(episode, [[4_200, 10_300]], folder.path, { gaps: 'black' });
    const black = framesOf([6_000, 9_000], FPS).map(() => undefined);
    const [before, after] = [framesOf([4_200, 6_000], FPS), framesOf([9_000, 10_300], FPS)];
    expect(await numbersIn(clipFile)).toEqual([...before, ...black, ...after]);
  });
});
