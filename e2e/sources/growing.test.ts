import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';
import { growing } from './packages.ts';
import { expectExact, requested, type Span } from './spans.ts';

/** An extractor looks again after 2 s: so it looks twice before Lambda has to deliver again. */
const GROWTH_WAIT_SECONDS = 3;
const DELIVERIES = 3;

/** By clip; the episode has 12 s at first, and 24 s in the end. */
const SPANS: Record<string, Span[]> = {
  'is-there': [[1_200, 3_000]],
  // Its last sound is in the next chunk.
  'borders-on-what-comes': [[9_500, 12_000]],
  'comes-during-a-delivery': [[10_000, 13_000]],
  'comes-between-deliveries': [[21_500, 24_000]],
};

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus({
    hostEnvironment: { MAX_GROWTH_WAIT_SECONDS: String(GROWTH_WAIT_SECONDS) },
  });
  const [beginning, more, end] = await growing();
  await splicebus.ingestFiles(beginning, 'grows', await sampleEpisode('plain'));
  await splicebus.ingestFiles(beginning, 'stands-still');

  const clips = Object.entries(SPANS).map(([clipId, spans]) => ({
    ...{ clipId, segments: requested(spans) },
  }));
  const never = { clipId: 'never-comes', segments: requested([[11_000, 13_000]]) };
  const ended = Promise.all([
    splicebus.makeClips('grows', clips),
    splicebus.makeClips('stands-still', [never]),
  ]);
  await vi.waitFor(() => expect(waits('comes-during-a-delivery')).not.toEqual([]), WAIT);
  await splicebus.putFiles(more, 'grows');
  await vi.waitFor(() => expect(failures('comes-between-deliveries')).not.toEqual([]), WAIT);
  await splicebus.putFiles(end, 'grows');
  await ended;
});
afterAll(() => splicebus?.stop());

const WAIT = { timeout: 60_000, interval: 20 };

/** What the functions have logged about a clip. */
const logged = (clipId: string, message: string) =>
  splicebus.logs.filter(
    ({ line }) => line.includes(`"clipId":"${clipId}"`) && line.includes(`"message":"${message}"`),
  );
const waits = (clipId: string) => logged(clipId, 'The episode does not reach so far yet');
const failures = (clipId: string) => logged(clipId, 'The function failed');

it.each(Object.entries(SPANS))('cuts what %s to the frame', async (clipId, spans) => {
  await expectExact(splicebus, 'grows', clipId, spans);
});

it('does not wait for anything where the chunks are there', () => {
  expect(waits('is-there')).toEqual([]);
});

it('fails the clip with the reason when the chunks never come', async () => {
  const record = await splicebus.clip('stands-still', 'never-comes');
  expect(record).toMatchObject({
    status: 'Generation Failed',
    processingError: {
      code: 'SEGMENT_NOT_YET_AVAILABLE',
      message: expect.stringMatching(
        /^The segment 00:00:11\.000–00:00:13\.000 is not there yet: .* reaches 00:00:12\.000 so far\./,
      ),
    },
  });
  expect(record!.statusHistory.at(-1)!.event).toBe('ClipGenerationFailed');
  expect(failures('never-comes')).toHaveLength(DELIVERIES);
  // How often a delivery can look again in its time depends on the machine; not more than once.
  expect(waits('never-comes').length).toBeGreaterThan(0);
  expect(waits('never-comes').length).toBeLessThanOrEqual(DELIVERIES);
});
