import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import {
  judgedClip,
  shortEpisode,
  type TestEpisode,
  useFolder,
  warningsOf,
} from './judged.fixture.ts';

const folder = useFolder();

const OPEN_GOPS = [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-x264-params'],
  'open-gop=1:bframes=3:b-pyramid=normal:keyint=45:min-keyint=45:scenecut=0',
];

/** Behind the key frame at 3 s, an end at each frame of the first that refer to each other. */
const ENDS_MS = Array.from({ length: 10 }, (_, n) => Math.round(3_100 + (n * 1000) / 30));

// FFmpeg's decoder keeps frames back that follow the key frame of an open GOP, and may not give them out at the end.
describe.each(['ts', 'fmp4'] as const)('open GOPs in %s', (container) => {
  let episode: Promise<TestEpisode> | undefined;
  const made = () => {
    episode ??= shortEpisode({ audio: false }).then((plain) =>
      encodedAnew(plain, OPEN_GOPS, folder.path, { container, sound: [] }),
    );
    return episode;
  };

  it.each(ENDS_MS)('all frames come out up to %i ms', async (endMs) => {
    const span: Span = [3_040, endMs];
    const { faults, cuts, warnings } = await judgedClip(await made(), [span], folder.path);
    expect(faults).toEqual([]);
    expect([...cuts.flatMap(warningsOf), ...(warnings ?? [])]).toEqual([]);
  });

  it('are encoded without a false word about their levels', async () => {
    const span: Span = [6_100, 7_900];
    const options = { cut: 'reencode' as const };
    const { faults, cuts } = await judgedClip(await made(), [span], folder.path, options);
    expect(faults).toEqual([]);
    expect(cuts.flatMap(warningsOf)).toEqual([]);
  });
});
