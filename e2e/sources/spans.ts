import { expect } from 'vitest';
import type { Verdict } from '#local/judge/index';
import type { Splicebus } from '../harness/splicebus.ts';

/** A piece of an episode. */
export type Span = readonly [startMs: number, endMs: number];

/** As a request lists its segments. */
export const requested = (spans: readonly Span[]) =>
  spans.map(([startMs, endMs]) => ({ startTime: startMs / 1000, endTime: endMs / 1000 }));

/** As the judge takes its segments. */
export const judged = (spans: readonly Span[]) =>
  spans.map(([startMs, endMs]) => ({ startMs, endMs }));

/** A clip is made, and its pictures and its sound are those of the sample at these spans. */
export async function expectExact(
  splicebus: Splicebus,
  episodeId: string,
  clipId: string,
  spans: readonly Span[],
): Promise<Verdict> {
  const record = await splicebus.clip(episodeId, clipId);
  expect(record?.processingError).toBeUndefined();
  expect(record).toMatchObject({ status: 'Generation Complete', receipt: { method: 'smart' } });
  const verdict = await splicebus.judge(episodeId, clipId, judged(spans));
  expect(verdict).toMatchObject({ exact: true, faults: [] });
  return verdict;
}

/** No segment of a clip took more than is promised. */
export async function expectThrift(
  splicebus: Splicebus,
  episodeId: string,
  clipId: string,
): Promise<void> {
  const { receipt } = (await splicebus.clip(episodeId, clipId))!;
  for (const { processes, bytesRead, chunks } of receipt!.segments) {
    expect(processes).toBeLessThanOrEqual(3);
    expect(bytesRead).toBeLessThanOrEqual(1.25 * chunks.bytes);
  }
}
