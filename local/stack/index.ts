import { join, resolve } from 'node:path';
import { packageServices } from '../packaging/package-services.ts';
import { BootError } from './boot-error.ts';
import { type Cleanup, createCleanup } from './cleanup.ts';
import { deploy } from './deploy.ts';
import { lockStateDir } from './lock.ts';
import type { Stack, StackOptions } from './options.ts';
import { ACCOUNT_ID, REGION } from './services.ts';
import { startServices } from './start-services.ts';
import { asBootError } from './state-file.ts';
import { codeDirectoryOf, ignoredResources, loadPackages, selectServices } from './templates.ts';

export { BootError, type BootErrorCode } from './boot-error.ts';
export { checkStart } from './check-start.ts';
export type { IgnoredResource, Stack, StackOptions } from './options.ts';

/**
 * Starts the AWS of a laptop: every service behind one port, the HTTP API behind another, everything
 * in it created from the packaged CloudFormation templates, state kept in one directory.
 * @throws BootError when it cannot start, or would behave differently than AWS
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const cleanup = createCleanup();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw asBootError(error, stateDirOf(options));
  }
}

const stateDirOf = ({ stateDir = '.splicebus' }: StackOptions) => resolve(stateDir);

async function start(options: StackOptions, cleanup: Cleanup): Promise<Stack> {
  const { stage = 'dev' } = options;
  const stateDir = stateDirOf(options);
  cleanup.add(lockStateDir(stateDir));
  const packages = selectServices(
    options.packages ?? (await packageServices({ stage })),
    options.services,
  );

  const started = await startServices(options, stateDir, cleanup);
  const { gateway, services, xray, issuer, activity } = started;
  const { lambda, eventbridge, httpApi } = services;
  const stacks = await loadPackages(packages, stage, {
    accountId: ACCOUNT_ID,
    region: REGION,
    endpointUrl: gateway.endpointUrl,
    apiUrl: httpApi.url,
    ssmParameters: {
      // Only its name matters: what the layer brings, the host brings.
      [`/splicebus/${stage}/ffmpeg-layer-arn`]: `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:layer:ffmpeg:1`,
      [`/splicebus/${stage}/jwt-issuer`]: issuer.issuer,
      [`/splicebus/${stage}/jwt-audience`]: issuer.audience,
      ...options.ssmParameters,
    },
  });
  const exports = new Map(stacks.flatMap((stack) => [...stack.exports]));
  const exported = (name: string) => {
    const value = exports.get(`splicebus-${stage}-${name}`);
    if (value !== undefined) return value;
    throw new BootError('UnresolvedReference', `No template exports splicebus-${stage}-${name}.`);
  };
  const bucketName = exported('BucketName');

  const codeDirectory = codeDirectoryOf(packages, stage, join(stateDir, 'code'));
  const mappings = await deploy(stacks, services, codeDirectory, cleanup);

  return {
    endpointUrl: gateway.endpointUrl,
    port: gateway.port,
    apiUrl: httpApi.url,
    region: REGION,
    accountId: ACCOUNT_ID,
    busName: exported('BusName'),
    tableName: exported('TableName'),
    bucketName,
    deadLetterQueueUrl: exported('DeadLetterQueueUrl'),
    exports,
    ignored: ignoredResources(stacks),
    s3Dir: join(stateDir, 's3', bucketName),
    lambda,
    eventbridge,
    xray,
    devToken: issuer.sign,
    async idle() {
      // A pass in which nothing began proves that all were at rest at the same time.
      for (let before = -1; before !== activity(); ) {
        before = activity();
        await eventbridge.idle();
        await lambda.idle();
        for (const mapping of mappings) await mapping.idle();
      }
    },
    stop: cleanup.run,
  };
}
