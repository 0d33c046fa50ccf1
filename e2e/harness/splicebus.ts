import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeReplayCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { vi } from 'vitest';
import { ingestEpisode } from '#local/ingest/ingest-episode';
import { type JudgeOptions, judgeClip, type Segment, type Verdict } from '#local/judge/index';
import type { LogEntry } from '#local/lambda/index';
import { type PackagedService, packageServices } from '#local/packaging/package-services';
import type { Episode } from '#local/sample/index';
import { type Stack, type StackOptions, startStack } from '#local/stack/index';
import type { ClipRecord } from '#shared/clip/clip-record';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { executionIdOf } from '#shared/events/identity';
import { objectKeys, type PictureName, type TableKey, tableKeys } from '#shared/keys';
import type { ExecutionRecord } from '../../services/status/src/execution-store.ts';
import { type Clients, clientConfig, createClients, destroyClients } from './clients.ts';
import { EventLog } from './event-log.ts';
import { type SampleName, sampleEpisode } from './sample-episodes.ts';

export const TENANT_ID = 'acme';

/** Which sample an episode was made from; outlives a stack that is stopped and started again. */
const ingested = new Map<string, Episode>();

/** Shorter than a test may take, so that its failure says what it waited for. */
const WAIT = { timeout: 110_000, interval: 50 };

export interface SplicebusOptions extends StackOptions {
  /** Changes the packaged services before they are started. */
  readonly edit?: (packages: readonly PackagedService[], folder: string) => PackagedService[];
}

/** A clip as a test asks for it. */
export interface WantedClip {
  readonly clipId?: string;
  readonly segments: readonly Record<string, unknown>[];
  readonly cut?: string;
  readonly quality?: string | number;
  readonly gaps?: string;
  readonly renditions?: readonly string[];
  readonly strict?: boolean;
  readonly audioTrack?: string | number;
}

/** The objects of a track: what is in each, by its name below the track's folder. */
export type TrackFiles = Readonly<Record<string, string | Buffer>>;

/** The running product: the packaged services on the embedded stack, and what a test does with them. */
export class Splicebus {
  readonly clients: Clients;

  constructor(
    readonly stack: Stack,
    readonly stateDir: string,
    readonly events: EventLog,
    readonly logs: readonly LogEntry[],
    private readonly folder: string,
  ) {
    this.clients = createClients(stack);
  }

  /**
   * Uploads a sample and registers it as an episode.
   * @param audioFile with sound of its own
   */
  async ingest(
    sample: SampleName,
    episodeId: string = sample,
    tenantId = TENANT_ID,
    audioFile?: string,
  ) {
    const episode = await sampleEpisode(sample);
    ingested.set(episodeId, episode);
    const { bucketName, tableName } = this.stack;
    const target = { client: clientConfig(this.stack), bucketName, tableName };
    const ids = { tenantId, episodeId, trackName: 'main' };
    await ingestEpisode(episode.playlistPath, ids, target, audioFile);
    return episode;
  }

  /**
   * Registers an episode whose track is made of these objects.
   * @param sample what it shows, for {@link judge}
   * @param playlist the one that the episode's item names
   */
  async ingestFiles(
    files: TrackFiles,
    episodeId: string,
    sample?: Episode,
    playlist = 'index.m3u8',
  ): Promise<void> {
    if (sample) ingested.set(episodeId, sample);
    await this.putFiles(files, episodeId);
    const playlistKey = trackFolder(episodeId) + playlist;
    await this.clients.dynamodb.send(
      new PutCommand({
        TableName: this.stack.tableName,
        Item: {
          ...tableKeys.episode({ tenantId: TENANT_ID, episodeId }),
          tracks: { main: { playlistKey } },
        },
      }),
    );
  }

  /** Puts objects into the folder of an episode's track. */
  async putFiles(files: TrackFiles, episodeId: string): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const Key = trackFolder(episodeId) + name;
      await this.clients.s3.send(
        new PutObjectCommand({ Bucket: this.stack.bucketName, Key, Body: content }),
      );
    }
  }

  /** Puts one event on the bus. @returns its id */
  async put(source: string, detailType: string, detail: unknown): Promise<string> {
    const { Entries } = await this.clients.events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: this.stack.busName,
            Source: source,
            DetailType: detailType,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );
    return Entries![0]!.EventId!;
  }

  /** Puts `Begin Clip Generation` on the bus, as it is. @returns the id of the execution it begins */
  async begin(detail: object): Promise<string> {
    const { source, detailType } = BeginClipGeneration;
    const id = await this.put(source, detailType, detail);
    return executionIdOf({ id, detail });
  }

  /** Requests clips and waits for their end. @returns the execution's id */
  async makeClips(episodeId: string, clips: readonly WantedClip[]): Promise<string> {
    const requestId = randomUUID();
    const executionId = await this.begin({ tenantId: TENANT_ID, episodeId, clips, requestId });
    await this.finished(executionId);
    return executionId;
  }

  /** Waits until an execution has ended and everything is at rest. */
  async finished(executionId: string): Promise<ExecutionRecord> {
    await vi.waitFor(async () => {
      const { status } = (await this.execution(executionId)) ?? { status: 'not begun' };
      if (status !== 'completed' && status !== 'failed') throw new Error(`It is ${status}.`);
    }, WAIT);
    await this.stack.idle();
    return (await this.execution(executionId))!;
  }

  /** Waits until a replay is through and everything is at rest. */
  async replayed(name: string): Promise<void> {
    await vi.waitFor(
      async () => {
        const { State } = await this.clients.events.send(
          new DescribeReplayCommand({ ReplayName: name }),
        );
        if (State !== 'COMPLETED') throw new Error(`It is ${State}.`);
      },
      { timeout: 60_000, interval: 100 },
    );
    await this.stack.idle();
  }

  execution(executionId: string): Promise<ExecutionRecord | undefined> {
    return this.item(tableKeys.execution(executionId));
  }

  clip(episodeId: string, clipId: string, tenantId = TENANT_ID): Promise<ClipRecord | undefined> {
    return this.item(tableKeys.clip({ tenantId, episodeId, clipId }));
  }

  async item<Item>(key: TableKey): Promise<Item | undefined> {
    const { Item } = await this.clients.dynamodb.send(
      new GetCommand({ TableName: this.stack.tableName, Key: { ...key }, ConsistentRead: true }),
    );
    return Item as Item | undefined;
  }

  /** Keys of the objects below a prefix. */
  async keys(prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.clients.s3.send(
      new ListObjectsV2Command({ Bucket: this.stack.bucketName, Prefix: prefix }),
    );
    return Contents.map(({ Key }) => Key!);
  }

  /** The keys of a clip that is complete, with all that is made of it where no renditions are asked for. */
  finishedKeys(episodeId: string, clipId: string, executionId: string): string[] {
    const ids = { episodeId, clipId, executionId };
    const names: PictureName[] = ['poster', 'thumbnail-1', 'thumbnail-2', 'thumbnail-3'];
    const rung = { ...ids, rendition: 'source' };
    return [
      objectKeys.clip(ids),
      objectKeys.rendition(rung, 'm3u8'),
      objectKeys.rendition(rung, 'm4s'),
      ...names.map((name) => objectKeys.picture(ids, name)),
    ].sort();
  }

  /** The finished file of a clip. */
  clipPath(episodeId: string, clipId: string): string {
    return join(this.stack.s3Dir, objectKeys.clip({ episodeId, clipId }));
  }

  /** Decodes a finished clip and compares it, frame by frame, with what was asked for. */
  judge(
    episodeId: string,
    clipId: string,
    segments: readonly Segment[],
    options: Pick<JudgeOptions, 'audio'> = {},
  ): Promise<Verdict> {
    const episode = ingested.get(episodeId)!;
    return judgeClip({
      clipPath: this.clipPath(episodeId, clipId),
      segments,
      fps: episode.fps,
      episodeFrameCount: episode.frameCount,
      hasAudio: episode.audio,
      ...options,
    });
  }

  /** Stops the stack and removes its temporary files; a `stateDir` of the test's own is kept. */
  async stop(): Promise<void> {
    destroyClients(this.clients);
    await this.stack.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const trackFolder = (episodeId: string) => objectKeys.track({ episodeId, trackName: 'main' });

/** Boots the packaged services with temporary state, or with the state given. */
export async function startSplicebus(options: SplicebusOptions = {}): Promise<Splicebus> {
  const { edit, ...stackOptions } = options;
  const folder = mkdtempSync(join(tmpdir(), 'splicebus-e2e-'));
  const stateDir = options.stateDir ?? join(folder, 'state');
  const packaged = options.packages ?? (await packageServices());
  const events = new EventLog();
  const logs: LogEntry[] = [];
  const stack = await startStack({
    retryDelaysMs: [50],
    eventRetryScale: 0.01,
    ...stackOptions,
    stateDir,
    packages: edit ? edit(packaged, folder) : packaged,
    hostEnvironment: {
      FFMPEG_PATH: 'ffmpeg',
      FFPROBE_PATH: 'ffprobe',
      RETRY_FIRST_DELAY_MS: '50',
      // How often it is told depends on the machine: never, unless a test is about it.
      PROGRESS_INTERVAL_MS: '1000000',
      ...options.hostEnvironment,
    },
    onEvent: (bus, event) => events.add(bus, event),
    onLog: (entry) => logs.push(entry),
  });
  return new Splicebus(stack, stateDir, events, logs, folder);
}
