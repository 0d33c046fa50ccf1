import { type Services, serviceOf } from './services.ts';

/** What a function's role must allow for its destination, by the destination's service. */
const actions: Readonly<Record<string, string>> = {
  events: 'events:PutEvents',
  lambda: 'lambda:InvokeFunction',
  sns: 'sns:Publish',
  sqs: 'sqs:SendMessage',
};

/** The permission that Lambda asks of the function's role when a destination is configured. */
export function destinationAction(destinationArn: string): string | undefined {
  return actions[serviceOf(destinationArn) ?? ''];
}

interface InvocationRecord {
  readonly requestContext: { readonly functionArn: string; readonly condition: string };
}

/**
 * Delivers the record of a finished asynchronous invocation. On a bus it becomes an event of source
 * `lambda`; elsewhere it arrives as it is.
 */
export function createDestinations(services: () => Services) {
  return async (destinationArn: string, record: object): Promise<void> => {
    const { eventbridge, lambda, sqs, sns } = services();
    switch (serviceOf(destinationArn)) {
      case 'events': {
        const { functionArn, condition } = (record as InvocationRecord).requestContext;
        const outcome = condition === 'Success' ? 'Success' : 'Failure';
        await eventbridge.publish(destinationArn, {
          source: 'lambda',
          'detail-type': `Lambda Function Invocation Result - ${outcome}`,
          resources: [functionArn, destinationArn],
          detail: { ...record },
        });
        break;
      }
      case 'lambda':
        await lambda.invokeAsync(destinationArn, record);
        break;
      case 'sqs':
        sqs.queueByArn(destinationArn)?.send({ body: JSON.stringify(record) });
        break;
      default:
        sns.publish(destinationArn, { message: JSON.stringify(record) });
    }
  };
}
