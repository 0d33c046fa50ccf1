import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSegment, type Span } from '../clip.fixture.ts';
import { useFolder, warningsOf } from './judged.fixture.ts';
import { expectHeard, type ToneEpisode, toneEpisode } from './tone.fixture.ts';

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
