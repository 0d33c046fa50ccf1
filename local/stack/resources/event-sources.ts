import type { LoadedResource } from '../../cloudformation/template.ts';
import {
  type EventSourceMapping,
  startEventSourceMapping,
} from '../../sqs/event-source-mapping.ts';
import { propertiesOf } from '../properties.ts';
import { ACCOUNT_ID, REGION, type Services } from '../services.ts';
import { functionArnOf } from './access.ts';
import { requirePermissions } from './functions.ts';

/**
 * `AWS::Lambda::EventSourceMapping` of a queue. A batching window only delays, so it is left out.
 * @returns undefined when the mapping is disabled
 * @throws BootError where AWS would refuse to create the mapping
 */
export function startMapping(
  resource: LoadedResource,
  functionRoles: ReadonlyMap<string, string>,
  services: Services,
): EventSourceMapping | undefined {
  const properties = propertiesOf(resource);
  properties.refuse(['FilterCriteria', 'DestinationConfig']);
  const functionArn = functionArnOf(properties.requiredText('FunctionName'));
  const queueArn = properties.requiredText('EventSourceArn');
  const queue = services.sqs.queueByArn(queueArn);
  if (!queue) throw properties.invalid(`${queueArn} is no queue of the templates.`);

  const { timeoutSeconds } = services.lambda.describe(functionArn);
  const { visibilityTimeoutSeconds } = queue.config;
  if (visibilityTimeoutSeconds < timeoutSeconds) {
    throw properties.invalid(
      `the queue's visibility timeout (${visibilityTimeoutSeconds} s) is less than the ` +
        `function's timeout (${timeoutSeconds} s).`,
    );
  }
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  const needed = actions.map((action) => [action, queueArn] as const);
  requirePermissions(properties, functionRoles.get(functionArn) ?? '', needed, services);
  if (properties.text('Enabled') === 'false') return undefined;

  return startEventSourceMapping({
    queue,
    accountId: ACCOUNT_ID,
    region: REGION,
    batchSize: properties.number('BatchSize') ?? 10,
    reportBatchItemFailures: properties
      .texts('FunctionResponseTypes')
      .includes('ReportBatchItemFailures'),
    async invoke(event) {
      const { functionError, payload } = await services.lambda.invoke(functionArn, event);
      if (functionError) throw new Error(`${functionArn}: ${JSON.stringify(payload)}`);
      return payload;
    },
    onError: (error) => console.error(`A batch of ${queueArn} failed and will come back: ${error}`),
  });
}
