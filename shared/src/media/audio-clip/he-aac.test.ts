import { expect, it } from 'vitest';
import { mp3Output } from '../sound/encode-mp3.ts';
import { heFile, highBandDb } from '../sources/he-aac.fixture.ts';
import { listenTo, useFolder } from '../sources/judged.fixture.ts';
import { cutFile, encoded, MemoryIndex } from './audio-file.fixture.ts';

const folder = useFolder();

/** Encoder and decoder of the file put so much in front. */
const DELAY_MS = 5057 / 48;

it.each([
  ['m4a', ['-c', 'copy', '-bsf:a', 'aac_adtstoasc']],
  ['aac', ['-c', 'copy']],
])('clips of HE-AAC in %s are in place, with all their bands', async (extension, options) => {
  const file = await encoded(heFile('stereo'), options, `he.${extension}`, folder.path);
  for (const startMs of [3_000, 3_080, 3_160, 3_240, 3_320]) {
    const span = { startMs, endMs: startMs + 1_500 };
    const { clip } = await cutFile(file, span, mp3Output, folder.path, new MemoryIndex());
    const { offsetMs, endMs } = await listenTo(clip, 'zero');
    expect(endMs).toBe(1_500);
    expect(Math.abs((offsetMs(600, startMs + 600) ?? 999) - DELAY_MS)).toBeLessThan(1);
    const levels = (await highBandDb(clip)).slice(1, -2).map(Math.round);
    expect(
      levels.filter((level) => level < -60),
      `of ${levels.length}`,
    ).toEqual([]);
  }
});
