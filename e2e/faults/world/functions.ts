import type { Context } from 'aws-lambda';
import type { LoadedStack } from '#local/cloudformation/template';
import { invokeConfigs } from '#local/stack/resources/functions';

/** A handler as Lambda calls it. */
export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** A function of the packaged templates, run from its sources inside this process. */
export interface WorldFunction {
  readonly name: string;
  readonly arn: string;
  readonly handler: Handler;
  /** Attempts at one delivery, the first included. */
  readonly maxAttempts: number;
  readonly onFailureArn: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Loads the handlers of events that the templates name; those of requests have nobody to try them
 * again. Whatever they read of the environment must be set by now.
 */
export async function loadFunctions(stacks: readonly LoadedStack[]): Promise<WorldFunction[]> {
  const resources = stacks.flatMap((stack) => stack.resources);
  const configs = invokeConfigs(resources);
  const functions = resources.filter(
    ({ type, attributes }) => type === 'AWS::Lambda::Function' && configs.has(attributes.Arn!),
  );
  return Promise.all(
    functions.map(async ({ stackName, ref, attributes, properties }) => {
      const arn = attributes.Arn!;
      const config = configs.get(arn);
      const { OnFailure } = config?.object('DestinationConfig') ?? {};
      const [path, name] = String(properties.Handler).split('.') as [string, string];
      const service = stackName.split('-')[1];
      const source = new URL(`../../../services/${service}/${path}.ts`, import.meta.url);
      const module = await import(/* @vite-ignore */ source.pathname);
      return {
        name: ref,
        arn,
        handler: module[name] as Handler,
        maxAttempts: 1 + (config?.number('MaximumRetryAttempts') ?? 2),
        onFailureArn: String((OnFailure as { Destination?: string })?.Destination),
        environment: variablesOf(properties.Environment),
      };
    }),
  );
}

export const variablesOf = (environment: unknown): Record<string, string> =>
  (environment as { Variables?: Record<string, string> } | undefined)?.Variables ?? {};
