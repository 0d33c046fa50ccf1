import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Splicebus, startSplicebus, TENANT_ID } from '../../harness/splicebus.ts';
import { endWaiting, writeFaultyFfmpeg } from '../../lambda-failures/faulty-ffmpeg.ts';
import { isFull, PATIENT, report } from '../report.ts';

const CLIPS = isFull ? 10 : 6;
const EXTRACTOR = 'splicebus-extractor-dev-segmentRequested';

/** A segment of this length is being cut until the test lets it end. */
const WAITING_MS = 1_500;
const RESERVED = 5;
const WAIT = { timeout: 600_000, interval: 50 };

vi.setConfig(PATIENT);

const folder = mkdtempSync(join(tmpdir(), 'splicebus-load-'));
let splicebus: Splicebus;
beforeAll(async () => {
  const FFMPEG_PATH = writeFaultyFfmpeg(folder, { [WAITING_MS]: 'waits for the test' });
  splicebus = await startSplicebus({ hostEnvironment: { FFMPEG_PATH } });
  await splicebus.ingest('plain');
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

/** How many extractors were at work at the same time, at most. */
function mostAtOnce(): number {
  let [running, most] = [0, 0];
  for (const { functionName, line, stream } of splicebus.logs) {
    if (functionName !== EXTRACTOR || stream !== 'platform') continue;
    if (line.startsWith('START ')) most = Math.max(most, ++running);
    if (line.startsWith('END ')) running--;
  }
  return most;
}

it(`${CLIPS} clips at once are made by at most 5 extractors at a time, as the template says`, async () => {
  const startedAt = performance.now();
  const clips = Array.from({ length: CLIPS }, (_, n) => ({
    clipId: `clip-${n}`,
    segments: [{ startTime: n, endTime: n + WAITING_MS / 1000 }],
  }));
  const request = { tenantId: TENANT_ID, episodeId: 'plain', clips };
  const executionId = await splicebus.begin(request);
  await vi.waitFor(() => expect(mostAtOnce()).toBe(RESERVED), WAIT);
  endWaiting(folder, WAITING_MS);
  await vi.waitFor(
    async () =>
      expect(await splicebus.execution(executionId)).toMatchObject({
        status: 'completed',
        totalClips: CLIPS,
        processedClips: CLIPS,
      }),
    WAIT,
  );
  await splicebus.stack.idle();

  const most = mostAtOnce();
  report({
    what: 'load: clips at once, on the embedded stack',
    media: 'FFmpeg',
    tried: CLIPS,
    delivered: splicebus.events.ofExecution(executionId).length,
    duplicates: 0,
    violations: 0,
    startedAt,
    note: `${most} extractions at a time`,
  });
  expect(most).toBe(RESERVED);
});
