import { expect, it } from 'vitest';
import { makeClip } from '../clip.fixture.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import { deepEpisode, HLG, PQ } from '../sources/hdr.fixture.ts';
import { useFolder } from '../sources/judged.fixture.ts';
import { ladderOf } from './ladder.fixture.ts';

const folder = useFolder();

const RANGES: Record<string, string> = { smpte2084: 'PQ', 'arib-std-b67': 'HLG' };

it.each([
  ['PQ', PQ],
  ['HLG', HLG],
] as const)('each rung of a clip in %s tells the dynamic range it has', async (range, kind) => {
  const episode = await deepEpisode(kind, folder.path);
  for (const allowHevc of [true, false]) {
    const output = { ...DEFAULT_OUTPUT, allowHevc };
    const { clipFile } = await makeClip(episode, [[1_320, 3_320]], folder.path, { output });
    const { source, smaller, work } = await ladderOf(clipFile, folder.path);
    expect(source.videoRange).toBe(allowHevc ? range : 'SDR');
    for (const { playlistFile, videoRange } of [source, smaller]) {
      const { stdout } = await work.ffprobe([
        ...['-show_entries', 'stream=color_transfer', '-of', 'csv=p=0', '-i', playlistFile],
      ]);
      // Streams of a program are listed twice.
      const [transfer = ''] = stdout.split('\n');
      expect(videoRange).toBe(RANGES[transfer.trim()] ?? 'SDR');
    }
  }
});
