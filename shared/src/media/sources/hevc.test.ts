import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { achievedSpans, judgedClip, shortEpisode, useFolder } from './judged.fixture.ts';

const folder = useFolder();

/** Key pictures are 1.5 s apart. */
const x265 = (isOpen: boolean) => [
  ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'],
  `keyint=45:min-keyint=45:scenecut=0:bframes=3:open-gop=${isOpen ? 1 : 0}:log-level=none`,
];

const spans: Span[] = [
  [4_200, 7_300],
  [1_400, 3_100],
  [9_100, 12_000],
];

describe.each([
  ['ts', 'closed'],
  ['ts', 'open'],
  ['fmp4', 'closed'],
  ['fmp4', 'open'],
] as const)('HEVC in %s with %s GOPs', (container, gop) => {
  const makeEpisode = async () => {
    const encoder = [...x265(gop === 'open'), ...(container === 'fmp4' ? ['-tag:v', 'hvc1'] : [])];
    return encodedAnew(await shortEpisode(), encoder, folder.path, { container });
  };

  it('is encoded to the frame, or copied from key picture to key picture', async () => {
    const episode = await makeEpisode();
    const exact = await judgedClip(episode, spans, folder.path);
    expect(exact.faults).toEqual([]);
    expect(exact.verdict.file.videoCodec).toBe('h264');
    expect(exact.cuts[0]!.pictures).toMatchObject({
      method: 'reencoded',
      reason: 'the video is not H.264',
    });

    const copied = await judgedClip(episode, spans, folder.path, { cut: 'copy' });
    expect(copied.faults).toEqual([]);
    expect(copied.verdict.file.videoCodec).toBe('hevc');
    for (const { pictures } of copied.cuts) {
      expect(pictures).toMatchObject({ method: 'copied', framesEncoded: 0 });
    }
    expect(achievedSpans(copied).map(([startMs]) => startMs)).toEqual([4_500, 1_500, 9_000]);
    expect(await tagOf(copied.clipFile)).toBe('hvc1');
  });
});

async function tagOf(clipFile: string): Promise<string> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-of', 'csv=p=0', '-show_entries'],
    ...['stream=codec_tag_string', clipFile],
  ]);
  return stdout.trim();
}
