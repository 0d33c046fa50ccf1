import { describe, expect, it } from 'vitest';
import type { Span } from '../clip.fixture.ts';
import { onClocks, type Relisting } from './clocks.fixture.ts';
import {
  judgedClip,
  madeClip,
  shortEpisode,
  type TestEpisode,
  useFolder,
} from './judged.fixture.ts';
import { apart, type Container } from './packages.fixture.ts';

const folder = useFolder();

/** Twelve chunks of a second. */
const manyChunks = (container: Container = 'ts') =>
  shortEpisode({ container, gopSeconds: 1, chunkSeconds: 1 });

/** Late enough for no time to be below zero. */
const BASE_SECONDS = 20;

/** The sound is faded where clocks meet; a frame of it may have come on the other clock. */
const AT_JUMP = /^1 gaps in the sound, up to (\d+\.\d) ms$/;

async function expectRepaired(
  episode: TestEpisode,
  span: Span,
  { chunk, isAcross }: { chunk: number; isAcross: boolean },
) {
  const clip = await judgedClip(episode, [span], folder.path);
  const faults = clip.faults.filter((fault) => !(isAcross && AT_JUMP.test(fault)));
  expect(faults).toEqual([]);
  const { warnings } = clip.cuts[0]!.opened;
  expect(warnings).toEqual([
    {
      code: 'CLOCK_REPAIRED',
      message: expect.stringContaining(
        `EXT-X-DISCONTINUITY is missing before chunk ${chunk} (x/chunk-${chunk}.`,
      ),
      ...(isAcross ? { atMs: chunk * 1000 } : {}),
    },
  ]);
  return clip;
}

const ahead =
  (seconds: number, fromChunk = 5): NonNullable<Relisting['aheadSeconds']> =>
  (n) =>
    BASE_SECONDS + (n >= fromChunk ? seconds : 0);

describe.each<Container>(['ts', 'fmp4'])('the clock in %s', (container) => {
  it.each([
    ['jumps ahead', 100],
    ['jumps ahead by little', 1],
    ['jumps by a day', 86_400],
    ['jumps back', -3],
  ])('%s without a tag', async (_, seconds) => {
    const aheadSeconds = ahead(seconds);
    const episode = await onClocks(await manyChunks(container), folder.path, { aheadSeconds });
    await expectRepaired(episode, [4_200, 7_300], { chunk: 5, isAcross: true });
    await expectRepaired(episode, [8_200, 10_300], { chunk: 5, isAcross: false });
    await expectRepaired(episode, [5_000, 6_000], { chunk: 5, isAcross: false });
    const before = await judgedClip(episode, [[1_200, 4_900]], folder.path);
    expect(before.faults).toEqual([]);
    expect(before.cuts[0]!.opened.warnings).toEqual([]);
  });

  it('restarts with each chunk', async () => {
    const episode = await onClocks(await manyChunks(container), folder.path, {
      aheadSeconds: (_, startSeconds) => BASE_SECONDS - startSeconds,
    });
    await expectRepaired(episode, [8_200, 8_900], { chunk: 8, isAcross: false });
    const across = await madeClip(episode, [[6_200, 9_400]], folder.path);
    expect(across.frameCount).toBe(96);
    expect(across.cuts[0]!.opened.warnings).toHaveLength(4);
  });

  it('jumps there and back', async () => {
    const episode = await onClocks(await manyChunks(container), folder.path, {
      aheadSeconds: (n) => (n === 5 || n === 6 ? 50 : 0),
    });
    const clip = await madeClip(episode, [[4_200, 8_300]], folder.path);
    expect(clip.frameCount).toBe(123);
    expect(clip.cuts[0]!.opened.warnings).toHaveLength(2);
    const after = await judgedClip(episode, [[9_200, 10_300]], folder.path);
    expect([after.faults, after.cuts[0]!.opened.warnings]).toEqual([[], []]);
    await expectRepaired(episode, [6_200, 6_800], { chunk: 5, isAcross: false });
  });

  it('jumps beside a chunk that is missing', async () => {
    const episode = await onClocks(await manyChunks(container), folder.path, {
      aheadSeconds: ahead(100, 6),
      without: [5],
    });
    const clip = await madeClip(episode, [[4_200, 7_300]], folder.path, { gaps: 'black' });
    expect(clip.frameCount).toBe(93);
    expect(clip.cuts[0]!.opened.warnings).toMatchObject([{ code: 'CLOCK_REPAIRED' }]);
  });
});

describe('a clock of 33 bits that begins again', () => {
  /** So many seconds of the episode before the clock of MPEG-TS begins again; the sample begins at 1.4. */
  const wrapsAt = (seconds: number) => 2 ** 33 / 90_000 - 1.4 - seconds;

  it.each<[name: string, seconds: number, jump: number]>([
    ['in the chunk before a jump ahead', 4.5, 100],
    ['in the chunk before a jump back', 4.5, -100],
    ['in the chunk behind a jump ahead', 5.5, 0.7],
    ['in the chunk behind a jump back', 5.5, -3],
    ['two chunks behind a jump', 7.4, 30],
  ])('%s', async (_, seconds, jump) => {
    // Behind a jump, the clock that jumped is the one that begins again.
    const base = wrapsAt(seconds) - (seconds > 5 ? jump : 0);
    const aheadSeconds = (n: number) => base + (n >= 5 ? jump : 0);
    const episode = await onClocks(await manyChunks(), folder.path, { aheadSeconds });
    await expectRepaired(episode, [3_200, 7_900], { chunk: 5, isAcross: true });
    await expectRepaired(episode, [5_200, 8_300], { chunk: 5, isAcross: false });
    const before = await judgedClip(episode, [[4_200, 4_900]], folder.path);
    expect([before.faults, before.cuts[0]!.opened.warnings]).toEqual([[], []]);
  });
});

describe('the clock of a playlist of sound', () => {
  it.each<[Container, Container | 'packed']>([
    ['ts', 'ts'],
    ['ts', 'packed'],
    ['fmp4', 'fmp4'],
  ])('jumps with that of the pictures: %s, %s', async (...containers) => {
    const plain = await apart(containers, folder.path, [], 3);
    const episode = await onClocks(plain, folder.path, {
      aheadSeconds: (_, startSeconds) => (startSeconds > 5 ? 100 : 0),
    });
    for (const [span, isAcross] of [
      [[4_200, 7_300], true],
      [[6_200, 8_300], false],
      [[9_200, 11_300], false],
    ] satisfies [Span, boolean][]) {
      const clip = await judgedClip(episode, [span], folder.path);
      expect(clip.faults.filter((fault) => !AT_JUMP.test(fault))).toEqual([]);
      expect(clip.cuts[0]!.opened.warnings).toMatchObject([
        { code: 'CLOCK_REPAIRED', ...(isAcross ? { atMs: 6_000 } : {}) },
      ]);
    }
  });

  it('jumps alone: nobody can tell where', async () => {
    const plain = await apart(['ts', 'ts'], folder.path);
    const moved = await onClocks(plain, folder.path, {
      aheadSeconds: (_, startSeconds) => (startSeconds > 5 ? 100 : 0),
    });
    const episode = { ...plain, soundPlaylistPath: moved.soundPlaylistPath };
    await expect(madeClip(episode, [[4_200, 9_300]], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(/EXT-X-DISCONTINUITY is missing before chunk 3 /),
    });
  });
});

describe('sound alone', () => {
  it.each(['ts', 'packed'] as const)('in %s whose clock jumps', async (kind) => {
    const { soundPlaylistPath } = await apart(['ts', kind], folder.path);
    const alone = { ...(await shortEpisode()), playlistPath: soundPlaylistPath! };
    const episode = await onClocks(alone, folder.path, {
      aheadSeconds: (_, startSeconds) => (startSeconds > 5 ? 100 : 0),
    });
    for (const span of [
      [4_200, 7_300],
      [9_200, 11_300],
    ] satisfies Span[]) {
      const clip = await madeClip(episode, [span], folder.path);
      expect(Math.abs(clip.durationTicks / 90 - (span[1] - span[0]))).toBeLessThan(100);
      expect(clip.cuts[0]!.opened.warnings).toMatchObject([{ code: 'CLOCK_REPAIRED' }]);
    }
  });
});

describe('EXTINF that is rounded', () => {
  it.each<[name: string, container: Container, listed: (seconds: number) => number]>([
    ['to whole seconds', 'ts', () => 1],
    ['to whole seconds', 'fmp4', () => 1],
    ['up to whole seconds', 'ts', () => 2],
    ['to tenths', 'ts', (seconds) => Math.round(seconds * 10) / 10],
  ])('%s in %s is no jump', async (_, container, listedSeconds) => {
    // Chunks of 1.4 s: listed as 1, the last begins six seconds early by the playlist.
    const episode = await shortEpisode({
      container,
      gopSeconds: 1.4,
      chunkSeconds: 1.4,
      seconds: 21,
    });
    const rounded = await onClocks(episode, folder.path, { listedSeconds });
    for (const span of [
      [1_200, 4_300],
      [8_200, 11_300],
      [12_500, 13_900],
    ] satisfies Span[]) {
      const clip = await judgedClip(rounded, [span], folder.path);
      expect(clip.faults).toEqual([]);
      expect(clip.cuts[0]!.opened.warnings).toEqual([]);
    }
  });
});
