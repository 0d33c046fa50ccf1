import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSegment, type Span } from '../clip.fixture.ts';
import { useFolder, warningsOf } from './judged.fixture.ts';
import { earlyToneEpisode, expectHeard, type ToneEpisode, toneEpisode } from './tone.fixture.ts';

const folder = useFolder();
const OPUS = ['-c:a', 'libopus', '-b:a', '160k'];
const AAC = ['-c:a', 'aac', '-b:a', '160k'];

describe('Opus that lies in the chunk beside its frames is heard', () => {
  let playlistPath = '';
  beforeAll(async () => {
    playlistPath = await toneEpisode({ fps: 24, encoder: OPUS }, folder.path);
  });

  it.each([
    ['a little before the end of a chunk', 4_100, 5_950],
    ['at the end of a chunk', 4_100, 5_990],
    ['at the beginning of a chunk', 4_000, 5_200],
    ['behind the beginning of a chunk', 4_040, 5_200],
  ])('%s', async (_, from, to) => {
    await expectHeard(playlistPath, 24, [[from, to]], folder.path);
  });

  it('where segments meet', async () => {
    const spans: Span[] = [
      [4_100, 5_990],
      [2_040, 3_950],
    ];
    await expectHeard(playlistPath, 24, spans, folder.path);
  });
});

describe('audio that lies a chunk before its frames is heard', () => {
  const spans: Span[] = [
    [4_100, 5_950],
    [4_000, 5_000],
    [8_000, 9_800],
  ];

  it.each<[string, ToneEpisode['encoder']]>([
    ['Opus', OPUS],
    ['AAC', AAC],
  ])('%s', async (_, encoder) => {
    const playlistPath = await earlyToneEpisode({ fps: 25, encoder }, folder.path);
    for (const span of spans) await expectHeard(playlistPath, 25, [span], folder.path);
  });
});

it('Opus whose decoder skips 0.3 s at first is heard', async () => {
  const playlistPath = await toneEpisode({ fps: 24, encoder: OPUS }, folder.path);
  const file = join(dirname(playlistPath), 'init.mp4');
  const init = await readFile(file);
  // As GStreamer 1.22 writes it: its bytes are in the wrong order.
  const at = init.indexOf('dOps') + 6;
  init.subarray(at, at + 2).swap16();
  await writeFile(file, init);
  await expectHeard(playlistPath, 24, [[4_100, 5_900]], folder.path);
});

it.each<[string, ToneEpisode['encoder']]>([
  ['Opus', OPUS],
  ['AAC', AAC],
])('where %s ends before the video, few chunks behind it are read', async (name, encoder) => {
  const playlistPath = await toneEpisode(
    { fps: 24, encoder, seconds: 20, toneSeconds: 5 },
    folder.path,
  );
  const cut = await makeSegment({ playlistPath }, [4_100, 5_900], join(folder.path, name));
  expect(warningsOf(cut).map(({ code }) => code)).toEqual(['AUDIO_MISSING']);
  expect(cut.opened.media[0]!.timeline.shown.length).toBeLessThanOrEqual(4 * 24);
});
