import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { BusEvent } from '#local/eventbridge/index';
import { ingestEpisode } from '#local/ingest/ingest-episode';
import { type Stack, startStack } from '#local/stack/index';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import type { ClipStitched } from '#shared/events/clip-stitched';
import type { DetailOf } from '#shared/events/define-event';
import { ffmpegPath, ffprobePath } from '#shared/media/ffmpeg/run';
import { serveTasks } from '../measure/serve-tasks.ts';
import type { CutOutcome, CutTask, Span } from './cut-task.ts';

// The process of a `MeasuredWorker` that holds the embedded stack with the episodes whose playlists are its
// arguments. Tasks name an episode by its playlist; their folder is not used.

const TENANT_ID = 'bench';
const WARM_UP: Span = [1_000, 2_000];

void main(process.argv.slice(2));

async function main(playlistPaths: readonly string[]): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'splicebus-bench-stack-'));
  const bus = new EventEmitter<{ event: [BusEvent] }>();
  const stack = await startStack({
    stateDir,
    hostEnvironment: { FFMPEG_PATH: ffmpegPath(), FFPROBE_PATH: ffprobePath() },
    onEvent: (_bus, event) => bus.emit('event', event),
  });
  const client = clientConfig(stack);
  for (const [n, path] of playlistPaths.entries()) {
    const ids = { tenantId: TENANT_ID, episodeId: `episode-${n}`, trackName: 'main' };
    await ingestEpisode(path, ids, { ...stack, client });
  }
  const pipeline = new Pipeline(stack, bus, playlistPaths);
  // Functions start cold, on AWS as here; what is measured is those that are warm.
  await pipeline.make({ playlistPath: playlistPaths[0]!, spans: [WARM_UP] });
  serveTasks(
    (task: CutTask) => pipeline.make(task),
    async () => {
      await stack.stop();
      await rm(stateDir, { recursive: true, force: true });
      process.exit();
    },
  );
}

function clientConfig({ endpointUrl, region }: Stack) {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  return { endpoint: endpointUrl, region, credentials };
}

class Pipeline {
  readonly #events: EventBridgeClient;

  constructor(
    private readonly stack: Stack,
    private readonly bus: EventEmitter<{ event: [BusEvent] }>,
    private readonly playlistPaths: readonly string[],
  ) {
    this.#events = new EventBridgeClient(clientConfig(stack));
  }

  /** From the request on the bus to the end of the clip; and then until everything is at rest. */
  async make({
    playlistPath,
    spans,
  }: Pick<CutTask, 'playlistPath' | 'spans'>): Promise<CutOutcome> {
    const clipId = `clip-${randomUUID()}`;
    const startedAt = performance.now();
    const ended = this.#endOf(clipId);
    await this.#request(`episode-${this.playlistPaths.indexOf(playlistPath)}`, clipId, spans);
    const { s3Key, totalProcessingMs, receipt } = await ended;
    const wallMs = performance.now() - startedAt;
    await this.stack.idle();
    return {
      clipPath: join(this.stack.s3Dir, s3Key),
      wallMs,
      totalProcessingMs,
      bytesRead: receipt.bytesRead,
      framesEncoded: receipt.framesEncoded,
      chunkBytes: receipt.segments.reduce((sum, { chunks }) => sum + chunks.bytes, 0),
      segmentProcesses: Math.max(...receipt.segments.map(({ processes }) => processes)),
    };
  }

  async #request(episodeId: string, clipId: string, spans: readonly Span[]): Promise<void> {
    const segments = spans.map(([startMs, endMs]) => ({
      startTime: startMs / 1000,
      endTime: endMs / 1000,
    }));
    const detail = { tenantId: TENANT_ID, episodeId, clips: [{ clipId, segments }] };
    const { source, detailType } = BeginClipGeneration;
    const entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(detail) };
    await this.#events.send(
      new PutEventsCommand({ Entries: [{ EventBusName: this.stack.busName, ...entry }] }),
    );
  }

  async #endOf(clipId: string): Promise<DetailOf<typeof ClipStitched>> {
    for (;;) {
      const [event] = (await once(this.bus, 'event')) as [BusEvent];
      const detail = event.detail as { clipId?: string };
      if (detail.clipId !== clipId) continue;
      if (event['detail-type'] === 'ClipStitched')
        return event.detail as DetailOf<typeof ClipStitched>;
      if (/Failed|Rejected/.test(event['detail-type'])) {
        throw new Error(`The pipeline has failed: ${JSON.stringify(detail)}`);
      }
    }
  }
}
