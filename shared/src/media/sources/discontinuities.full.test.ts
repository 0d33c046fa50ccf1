import { describe, expect, it } from 'vitest';
import type { Episode } from '#local/sample/index';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import {
  framesOf,
  judgedClip,
  madeClip,
  numbersIn,
  shortEpisode,
  type TestEpisode,
  useFolder,
} from './judged.fixture.ts';
import { chunksOf, packageOf, withChunks } from './packages.fixture.ts';
import { PICTURE_PID, rewritten, SOUND_PID } from './rewrite.fixture.ts';

const folder = useFolder();
const X264 = [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-g', '45', '-sc_threshold', '0'],
  ...['-profile:v', 'high'],
];

/** Up to 6 s one package of the episode, then another one, which has a clock of its own. */
async function spliced(first: Episode, second: Episode): Promise<TestEpisode> {
  const [before, after] = [await chunksOf(first), await chunksOf(second)];
  return {
    ...first,
    playlistPath: await packageOf([before.slice(0, 2), after.slice(2)], folder.path),
  };
}

const across: Span[] = [[4_200, 7_300]];
/** Sound is faded where runs meet, as it is where segments do; here it goes on. */
const FADED = ['1 gaps in the sound, up to 10.0 ms'];

const later = ['-output_ts_offset', '777.7'];

describe.each(['ts', 'fmp4'] as const)('a discontinuity in %s', (container) => {
  const packaged = async (encoder: readonly string[], muxer: readonly string[] = []) =>
    encodedAnew(await shortEpisode(), encoder, folder.path, { container, muxer });

  it('to another clock is cut across', async () => {
    const episode = await spliced(await packaged(X264), await packaged(X264, later));
    const clip = await judgedClip(episode, across, folder.path);
    expect(clip.faults).toEqual(FADED);
    expect(clip.cuts[0]!.pictures?.method).toBe('smart');
    expect(clip.cuts[0]!.stretches).toHaveLength(2);
    const behind = await judgedClip(episode, [[6_500, 9_400]], folder.path);
    expect(behind.faults).toEqual([]);
  });

  it('to another size is encoded, in the size of the first', async () => {
    const small = ['-vf', 'scale=256:192', ...X264];
    const episode = await spliced(await packaged(X264), await packaged(small, later));
    const clip = await judgedClip(episode, [[4_200, 5_900]], folder.path);
    expect(clip.faults).toEqual([]);
    const both = await judgedClip(episode, across, folder.path);
    expect(both.verdict.file).toMatchObject({ width: 320, height: 180, strictDecodeError: '' });
    expect(both.frameCount).toBe(93);
    expect(both.cuts[0]!.pictures).toMatchObject({
      method: 'reencoded',
      reason: 'the encoding parameters change within the video',
    });
    expect(both.method).toBe('copied');
  });

  it('to another codec is encoded', async () => {
    const hevc = [
      ...['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-x265-params'],
      'keyint=45:min-keyint=45:scenecut=0:log-level=none',
    ];
    const episode = await spliced(await packaged(X264), await packaged(hevc, later));
    const clip = await judgedClip(episode, across, folder.path);
    expect(clip.faults).toEqual(FADED);
    expect(clip.cuts[0]!.pictures?.method).toBe('reencoded');
  });
});

it('a single frame behind a discontinuity is shown for as long as a frame', async () => {
  const plain = await shortEpisode({ bframes: 0 });
  const episode = await withChunks(plain, folder.path, (bytes, n) =>
    n < 3
      ? bytes
      : [PICTURE_PID, SOUND_PID].reduce(
          (stream, pid) => rewritten(stream, pid, (all) => all.slice(0, 1)),
          bytes,
        ),
  );
  const chunks = await chunksOf(episode);
  const last = { ...chunks[3]!, seconds: 1 / 30 };
  const playlistPath = await packageOf([chunks.slice(0, 3), [last]], folder.path);
  const { clipFile } = await madeClip({ playlistPath }, [[8_500, 9_033]], folder.path);
  expect(await numbersIn(clipFile)).toEqual(framesOf([8_500, 9_033], '30'));
});
