import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestEpisode } from '#local/ingest/ingest-episode';
import { type Stack, startStack } from '#local/stack/index';
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
  const { bucketName, tableName, s3Dir } = stack;
  const stop = async () => {
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  };
  try {
    await ingestEpisode(playlistPath, ids, { client: clientConfig(stack), bucketName, tableName });
  } catch (error) {
    await stop();
    throw error;
  }
  const segmentBytes: EpisodeStack['segmentBytes'] = async (segment) => {
    const keys = (['mp4', 'aac'] as const).map((extension) =>
      objectKeys.segment(segment, extension),
    );
    const sizes = await Promise.all(keys.map(async (key) => (await stat(join(s3Dir, key))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  return { variables: variablesOf(stack), segmentBytes, stop };
}

const CREDENTIALS = { accessKeyId: 'bench', secretAccessKey: 'bench' };

/** What an SDK client needs to talk to a stack. */
export const clientConfig = ({ endpointUrl, region }: Stack) => ({
  endpoint: endpointUrl,
  region,
  credentials: CREDENTIALS,
});

export const variablesOf = (stack: Stack): StackVariables => ({
  AWS_ENDPOINT_URL: stack.endpointUrl,
  AWS_REGION: stack.region,
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  BUCKET_NAME: stack.bucketName,
  TABLE_NAME: stack.tableName,
  BUS_NAME: stack.busName,
  MAX_SEGMENT_SECONDS: '3600',
  POWERTOOLS_TRACE_ENABLED: 'false',
  POWERTOOLS_METRICS_DISABLED: 'true',
  POWERTOOLS_LOG_LEVEL: 'WARN',
});
