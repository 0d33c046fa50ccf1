import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestEpisode } from '#local/ingest/ingest-episode';
import { startStack } from '#local/stack/index';
import { objectKeys } from '#shared/keys';

/** The variables by which the code of a function finds its stack, as its template would set them. */
export type StackVariables = Readonly<Record<string, string>>;

export interface EpisodeStack {
  variables: StackVariables;
  /** The size of the files that the extractor has made of a segment. */
  segmentBytes(segment: Parameters<typeof objectKeys.segment>[0]): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the embedded S3 and DynamoDB with one episode in them. */
export async function startEpisodeStack(
  playlistPath: string,
  ids: { tenantId: string; episodeId: string; trackName: string },
): Promise<EpisodeStack> {
  const stateDir = await mkdtemp(join(tmpdir(), 'splicebus-bench-stack-'));
  const stack = await startStack({ stateDir, services: [] });
  const { endpointUrl, region, bucketName, tableName, busName, s3Dir } = stack;
  const stop = async () => {
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  };
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = { endpoint: endpointUrl, region, credentials };
  try {
    await ingestEpisode(playlistPath, ids, { client, bucketName, tableName });
  } catch (error) {
    await stop();
    throw error;
  }
  const variables = {
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    BUCKET_NAME: bucketName,
    TABLE_NAME: tableName,
    BUS_NAME: busName,
    MAX_SEGMENT_SECONDS: '3600',
    POWERTOOLS_TRACE_ENABLED: 'false',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'WARN',
  };
  const segmentBytes: EpisodeStack['segmentBytes'] = async (segment) => {
    const keys = (['mp4', 'aac'] as const).map((extension) =>
      objectKeys.segment(segment, extension),
    );
    const sizes = await Promise.all(keys.map(async (key) => (await stat(join(s3Dir, key))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  return { variables, segmentBytes, stop };
}
