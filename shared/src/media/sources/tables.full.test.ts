import { describe, expect, it } from 'vitest';
import type { Span } from '../clip.fixture.ts';
import { judgedClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { withChunks } from './packages.fixture.ts';
import { changedChunk, STREAM_CASES } from './tables.cases.fixture.ts';

const folder = useFolder();

const spans: Span[] = [
  [4_200, 7_300],
  [0, 900],
  [9_100, 12_000],
  [3_000, 6_000],
];

describe.concurrent('a transport stream with', () => {
  it.each(STREAM_CASES)('$name', async (one) => {
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
