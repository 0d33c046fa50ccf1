import { type Deliver, type Delivery, DeliveryError, type NewEvent } from '../eventbridge/index.ts';
import { AwsError } from '../gateway/service.ts';
import { type Services, serviceOf } from './services.ts';

const PRINCIPAL = 'events.amazonaws.com';

/** What EventBridge must be allowed at a target, by the target's service. */
const actions: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
};

/**
 * Carries what a rule sends to its target, if the target's own policy lets this rule in: the
 * permission is checked at every delivery, as in AWS, where forgetting it shows in the dead letters.
 */
export function createDeliver(services: () => Services): Deliver {
  return async (delivery) => {
    const { targetArn, ruleArn } = delivery;
    const parts = services();
    if (!exists(parts, targetArn)) {
      throw new DeliveryError(`There is no ${targetArn}.`, {
        code: 'NO_RESOURCE',
        retryable: false,
      });
    }
    const action = actions[serviceOf(targetArn) ?? ''];
    if (action && !parts.iam.serviceMay(PRINCIPAL, action, targetArn, ruleArn)) {
      throw new DeliveryError(`${targetArn} does not allow ${action} to the rule ${ruleArn}.`, {
        code: 'NO_PERMISSIONS',
        retryable: false,
      });
    }
    await hand(parts, delivery);
  };
}

/** Rules on the same account may name any bus as a target; the others are asked for permission. */
function exists({ lambda, sqs, sns }: Services, targetArn: string): boolean {
  switch (serviceOf(targetArn)) {
    case 'lambda':
      return lambda.list().some(({ functionArn }) => functionArn === targetArn);
    case 'sqs':
      return sqs.queueByArn(targetArn) !== undefined;
    case 'sns':
      return sns.hasTopic(targetArn);
    default:
      return serviceOf(targetArn) === 'events';
  }
}

async function hand({ lambda, sqs, sns, eventbridge }: Services, delivery: Delivery) {
  const { targetArn, payload, traceHeader, messageAttributes = {} } = delivery;
  switch (serviceOf(targetArn)) {
    case 'lambda':
      await lambda.invokeAsync(targetArn, payload, { traceHeader });
      break;
    case 'sqs':
      sqs.queueByArn(targetArn)?.send({
        body: bodyOf(payload),
        traceHeader,
        attributes: Object.fromEntries(
          Object.entries(messageAttributes).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      });
      break;
    case 'sns':
      sns.publish(targetArn, { message: bodyOf(payload) });
      break;
    default:
      await publish(eventbridge, targetArn, payload as NewEvent, traceHeader);
  }
}

async function publish(
  eventbridge: Services['eventbridge'],
  busArn: string,
  event: NewEvent,
  traceHeader: string | undefined,
): Promise<void> {
  try {
    await eventbridge.publish(busArn, event, traceHeader);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new DeliveryError(error.message, { code: 'NO_RESOURCE', retryable: false, cause: error });
  }
}

/** What an input transformer made a plain string arrives without quotes. */
function bodyOf(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
