import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedResource } from '#local/cloudformation/template';
import { type PackagedStacks, packagedStacks } from './packaged-stacks.ts';

/** Memory in MB, timeout in seconds, concurrent executions reserved. */
const FUNCTIONS = [
  ['trigger', 'beginClipGeneration', 512, 30, undefined],
  ['trigger', 'cancelClipGeneration', 512, 30, undefined],
  ['trigger', 'recommendationsUploaded', 512, 30, undefined],
  ['extractor', 'segmentRequested', 3008, 900, 5],
  ['extractor', 'clipEnded', 512, 30, undefined],
  ['stitcher', 'clipEnded', 512, 30, undefined],
  ['stitcher', 'segmentExtracted', 512, 30, undefined],
  ['stitcher', 'stitchRequested', 3008, 600, 5],
  ['stitcher', 'clipWritten', 512, 30, undefined],
  ['stitcher', 'thumbnailsRequested', 3008, 300, 5],
  ['stitcher', 'renditionRequested', 3008, 900, 5],
  ['status', 'clipEvent', 512, 30, undefined],
  ['status', 'invocationFailed', 512, 30, undefined],
  ['status', 'undeliverableEvent', 512, 30, undefined],
  ['status', 'overdueExecutions', 512, 30, undefined],
] as const;
/** Those that answer requests: nobody tries them again but the client, and the API waits for 30 s. */
const HTTP_FUNCTIONS = [
  ['trigger', 'generateClips', 512, 25, undefined],
  ['trigger', 'reprocessJob', 512, 25, undefined],
  ['trigger', 'cancelJob', 512, 25, undefined],
  ['status', 'jobStatus', 512, 25, undefined],
  ['status', 'downloadClip', 512, 25, undefined],
  ['status', 'streamClip', 512, 25, undefined],
  ['status', 'clipMetadata', 512, 25, undefined],
  ['status', 'clipThumbnail', 512, 25, undefined],
  ['status', 'listClips', 512, 25, undefined],
  ['extractor', 'getAudioClip', 1769, 25, undefined],
  ['status', 'health', 512, 25, undefined],
] as const;
/** Whoever calls them is told of a failure, and may call again. */
const CALLED_DIRECTLY = [['extractor', 'warmAudioClips', 1769, 900, undefined]] as const;
const ALL = [...FUNCTIONS, ...HTTP_FUNCTIONS, ...CALLED_DIRECTLY];

let packaged: PackagedStacks;

beforeAll(async () => {
  packaged = await packagedStacks();
});

const functionName = (service: string, name: string) => `splicebus-${service}-dev-${name}`;

function lambda(service: string, name: string): LoadedResource {
  const found = packaged
    .resources('AWS::Lambda::Function')
    .find(({ ref }) => ref === functionName(service, name));
  if (!found) throw new Error(`There is no function ${functionName(service, name)}.`);
  return found;
}

it('lists every function', () => {
  const names = packaged.resources('AWS::Lambda::Function').map(({ ref }) => ref);
  expect(names.sort()).toEqual(ALL.map(([service, name]) => functionName(service, name)).sort());
});

describe.each(ALL)('%s %s', (service, name, memoryMb, timeoutSeconds, concurrency) => {
  it('has its memory, time and concurrency', () => {
    const { properties } = lambda(service, name);
    expect(properties).toMatchObject({
      Runtime: 'nodejs22.x',
      Architectures: ['arm64'],
      MemorySize: memoryMb,
      Timeout: timeoutSeconds,
      TracingConfig: { Mode: 'Active' },
    });
    expect(properties.ReservedConcurrentExecutions).toBe(concurrency);
  });

  it('knows where it is', () => {
    const shared = packaged.stacks.get('shared')?.outputs;
    expect(lambda(service, name).properties.Environment).toMatchObject({
      Variables: {
        STAGE: 'dev',
        TABLE_NAME: shared?.get('TableName'),
        BUCKET_NAME: shared?.get('BucketName'),
        BUS_NAME: shared?.get('BusName'),
        POWERTOOLS_SERVICE_NAME: `splicebus-${service}`,
        POWERTOOLS_METRICS_NAMESPACE: 'Splicebus',
        LOG_LEVEL: 'INFO',
      },
    });
  });

  it('keeps its log for 30 days', () => {
    const group = packaged
      .resources('AWS::Logs::LogGroup')
      .find(({ ref }) => ref === `/aws/lambda/${functionName(service, name)}`);
    expect(group?.properties.RetentionInDays).toBe(30);
  });
});

describe.each(FUNCTIONS)('%s %s', (service, name) => {
  it('is tried three times, and its failure is told on the bus', () => {
    const settings = packaged
      .resources('AWS::Lambda::EventInvokeConfig')
      .find(({ properties }) => properties.FunctionName === functionName(service, name));
    expect(settings?.properties).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: expect.any(Number),
      DestinationConfig: {
        OnFailure: { Destination: packaged.stacks.get('shared')?.outputs.get('BusArn') },
      },
    });
  });
});

describe.each(ALL.filter(([, , memoryMb]) => memoryMb > 512))('%s %s', (service, name) => {
  it('has ffmpeg from the layer, and room for media', () => {
    const { properties } = lambda(service, name);
    expect(properties).toMatchObject({
      Layers: [expect.stringContaining(':layer:ffmpeg:')],
      EphemeralStorage: { Size: 10240 },
      Environment: {
        Variables: {
          FFMPEG_PATH: '/opt/bin/ffmpeg',
          FFPROBE_PATH: '/opt/bin/ffprobe',
          [name.includes('AudioClip') ? 'MAX_AUDIO_CLIP_MS' : 'MAX_SEGMENT_SECONDS']:
            expect.stringMatching(/^\d+$/),
        },
      },
    });
  });
});
