import { readFile } from 'node:fs/promises';
import { loadStacks } from '#local/cloudformation/load-stacks';
import type { LoadedResource, LoadedStack, Template } from '#local/cloudformation/template';
import { type PackagedService, packageServices } from '#local/packaging/package-services';

export const ACCOUNT_ID = '123456789012';
export const REGION = 'us-east-1';
const LAYER_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:layer:ffmpeg:1`;

/** What `serverless package` wrote: as it is, and evaluated as CloudFormation would. */
export interface PackagedStacks {
  readonly services: readonly PackagedService[];
  /** By service name. */
  readonly templates: ReadonlyMap<string, Template>;
  /** By service name. */
  readonly stacks: ReadonlyMap<string, LoadedStack>;
  /** The resources of one type over all stacks. */
  resources(type: string): LoadedResource[];
}

/** Packages, unless nothing has changed, and evaluates every template. */
export async function packagedStacks(): Promise<PackagedStacks> {
  const services = await packageServices();
  const templates = new Map<string, Template>();
  for (const { name, templatePath } of services) {
    templates.set(name, JSON.parse(await readFile(templatePath, 'utf8')));
  }
  const loaded = loadStacks(
    [...templates].map(([name, template]) => ({ name, template })),
    {
      accountId: ACCOUNT_ID,
      region: REGION,
      endpointUrl: `https://sqs.${REGION}.amazonaws.com`,
      ssmParameters: {
        '/splicebus/dev/ffmpeg-layer-arn': LAYER_ARN,
        '/splicebus/dev/jwt-issuer': 'https://issuer.example.com',
        '/splicebus/dev/jwt-audience': 'splicebus',
      },
    },
  );
  return {
    services,
    templates,
    stacks: new Map(loaded.map((stack) => [stack.name, stack])),
    resources: (type) =>
      loaded.flatMap((stack) => stack.resources).filter((resource) => resource.type === type),
  };
}
