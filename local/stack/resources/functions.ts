import { isObject, type LoadedResource } from '../../cloudformation/template.ts';
import type { FunctionConfig } from '../../lambda/index.ts';
import { BootError } from '../boot-error.ts';
import { destinationAction } from '../destinations.ts';
import { type PropertyReader, propertiesOf } from '../properties.ts';
import { ACCOUNT_ID, REGION, type Services } from '../services.ts';
import { functionArnOf } from './access.ts';

/** Unpacks a function's code; given the last part of its `Code.S3Key`. */
export type CodeDirectory = (stackName: string, artifact: string) => Promise<string>;

/** `AWS::Lambda::EventInvokeConfig`, by the ARN of its function. */
export type InvokeConfigs = ReadonlyMap<string, PropertyReader>;

export function invokeConfigs(resources: readonly LoadedResource[]): InvokeConfigs {
  return new Map(
    resources
      .filter(({ type }) => type === 'AWS::Lambda::EventInvokeConfig')
      .map(propertiesOf)
      .map((properties) => [functionArnOf(properties.requiredText('FunctionName')), properties]),
  );
}

/**
 * `AWS::Lambda::Function` as the runner takes it. It gets credentials of its own, so that every call
 * it makes is judged by its role.
 * @throws BootError `MissingPermission` where creating the function would fail in AWS
 */
export async function functionConfig(
  resource: LoadedResource,
  invokeConfigsByArn: InvokeConfigs,
  codeDirectory: CodeDirectory,
  { iam }: Services,
): Promise<FunctionConfig> {
  const properties = propertiesOf(resource);
  // Layers are left to the host: what they bring (ffmpeg) is named by hostEnvironment.
  properties.refuse(['ImageConfig', 'DeadLetterConfig', 'FileSystemConfigs']);
  const functionName = resource.ref;
  const functionArn = resource.attributes.Arn as string;
  const roleArn = properties.requiredText('Role');
  const s3Key = properties.object('Code')?.S3Key;
  if (typeof s3Key !== 'string') throw properties.invalid('Code needs an S3Key.');
  const invokeConfig = invokeConfigsByArn.get(functionArn);
  const tracing = properties.object('TracingConfig')?.Mode === 'Active';
  const config: FunctionConfig = {
    functionName,
    functionArn,
    handler: properties.requiredText('Handler'),
    codeDir: await codeDirectory(resource.stackName, s3Key.split('/').at(-1) as string),
    memoryMb: properties.number('MemorySize') ?? 128,
    timeoutSeconds: properties.number('Timeout') ?? 3,
    environment: environmentOf(properties),
    reservedConcurrency: properties.number('ReservedConcurrentExecutions'),
    accessKeyId: iam.assumeRole(roleArn, functionName, 'lambda.amazonaws.com'),
    maximumRetryAttempts: invokeConfig?.number('MaximumRetryAttempts'),
    maximumEventAgeSeconds: invokeConfig?.number('MaximumEventAgeInSeconds'),
    onFailureArn: destinationOf(invokeConfig, 'OnFailure'),
    onSuccessArn: destinationOf(invokeConfig, 'OnSuccess'),
    tracing,
  };

  const logStream = `arn:aws:logs:${REGION}:${ACCOUNT_ID}:log-group:/aws/lambda/${functionName}:log-stream:x`;
  const needed: [string, string][] = [
    ['logs:CreateLogStream', logStream],
    ['logs:PutLogEvents', logStream],
  ];
  if (tracing) needed.push(['xray:PutTraceSegments', '*']);
  for (const arn of [config.onFailureArn, config.onSuccessArn]) {
    if (arn === undefined) continue;
    const action = destinationAction(arn);
    if (!action) throw properties.invalid(`${arn} cannot be a destination.`);
    needed.push([action, arn]);
  }
  requirePermissions(properties, roleArn, needed, { iam });
  return config;
}

/**
 * Refuses to start where Lambda would refuse to create: it checks the role for what the service does
 * on the function's behalf. A missing right to write logs AWS only swallows; here it is an error too.
 * @throws BootError `MissingPermission`
 */
export function requirePermissions(
  { resource }: PropertyReader,
  roleArn: string,
  needed: readonly (readonly [action: string, resourceArn: string])[],
  { iam }: Pick<Services, 'iam'>,
): void {
  const missing = needed.filter(([action, arn]) => !iam.roleAllows(roleArn, action, arn));
  if (missing.length === 0) return;
  throw new BootError(
    'MissingPermission',
    `${resource.stackName}.${resource.logicalId}: the role ${roleArn} does not allow ` +
      `${missing.map(([action, arn]) => `${action} on ${arn}`).join(', ')}.`,
  );
}

function environmentOf(properties: PropertyReader): Record<string, string> {
  const variables = properties.object('Environment')?.Variables;
  if (!isObject(variables)) return {};
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, String(value)]),
  );
}

function destinationOf(
  invokeConfig: PropertyReader | undefined,
  outcome: 'OnFailure' | 'OnSuccess',
): string | undefined {
  const destination = invokeConfig?.object('DestinationConfig')?.[outcome];
  return isObject(destination) ? String(destination.Destination) : undefined;
}
