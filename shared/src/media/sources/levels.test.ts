import { expect, it } from 'vitest';
import { makeClip, type Span } from '../clip.fixture.ts';
import { useFolder } from './judged.fixture.ts';
import {
  ALL_LEVELS,
  coloursOf,
  FPS,
  framesWith,
  furthest,
  meansOf,
  packaged,
  X264,
} from './levels.fixture.ts';
import { chunksOf, packageOf } from './packages.fixture.ts';

// The short form of levels.full.test.ts.

const folder = useFolder();
const fullRange = ALL_LEVELS[0]!;
const limited = ALL_LEVELS.at(-1)!;

it('frames of full range keep their levels and tags, and black between them is black', async () => {
  const { file, ...episode } = await packaged(framesWith(fullRange), X264, folder.path);
  const source = await meansOf(file);
  const { box: _box, ...tags } = await coloursOf(file);
  const span: Span = [1_320, 5_320];
  for (const cut of ['exact', 'reencode'] as const) {
    const clip = await makeClip(episode, [span], folder.path, { cut });
    expect(furthest(await meansOf(clip.clipFile), source.slice(33, 133))).toBeLessThan(1);
    expect(await coloursOf(clip.clipFile)).toMatchObject(tags);
  }
  const [first, second, third] = await chunksOf(episode);
  const holed = [first!, { ...second!, isGap: true }, third!];
  const playlistPath = await packageOf([holed], folder.path);
  const clip = await makeClip({ playlistPath }, [[1_000, 5_000]], folder.path, { gaps: 'black' });
  const made = await meansOf(clip.clipFile);
  expect(made).toHaveLength(4 * FPS);
  expect(furthest(made.slice(FPS, 3 * FPS), Array(2 * FPS).fill([0, 128, 128]))).toBeLessThan(1);
});

it('segments of other levels become like the first', async () => {
  const [one, other] = await Promise.all(
    [limited, fullRange].map((levels) => packaged(framesWith(levels), X264, folder.path)),
  );
  const runs = [await chunksOf(one!), await chunksOf(other!)];
  const playlistPath = await packageOf(runs, folder.path);
  const spans: Span[] = [
    [1_000, 3_000],
    [7_000, 9_000],
  ];
  const clip = await makeClip({ playlistPath }, spans, folder.path);
  expect(clip.method).toBe('reencoded');
  expect(clip.reason).toContain('differ in codec, depth or colour');
  const { box: _box, ...tags } = await coloursOf(one!.file);
  expect(await coloursOf(clip.clipFile)).toMatchObject(tags);
  const made = await meansOf(clip.clipFile);
  expect(furthest(made.slice(0, 2 * FPS), (await meansOf(one!.file)).slice(FPS))).toBeLessThan(1);
});
