import { describe, expect, it } from 'vitest';
import type { Span } from '../clip.fixture.ts';
import { judgedClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { withChunks } from './packages.fixture.ts';
import { changedChunk, STREAM_CASES } from './tables.cases.fixture.ts';

const folder = useFolder();

const spans: Span[] = [
  [4_200, 7_300],
  [0, 900],
];

/** One of each kind; all of them are tried with `npm run test:media`. */
const NAMES = [
  'tables behind 40 packets',
  'tables only in the first chunk',
  'a map that spans packets',
  'a first program whose map never comes',
  'video that moves to another PID with a chunk',
  'PIDs that change within a chunk, with a map 30 packets later',
  'every packet twice',
  'packets of 192 bytes',
  'rubbish before the first packet',
  'a first video stream that never comes',
  'a first audio stream that never comes',
];

describe.concurrent('a transport stream with', () => {
  it.each(STREAM_CASES.filter(({ name }) => NAMES.includes(name)))('$name', async (one) => {
    const episode = await withChunks(await shortEpisode(), folder.path, (bytes, n) =>
      changedChunk(one, bytes, n),
    );
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
    for (const { opened } of clip.cuts) {
      expect([...new Set(opened.warnings.map(({ code }) => code))]).toEqual(one.warnings ?? []);
    }
  });
});
