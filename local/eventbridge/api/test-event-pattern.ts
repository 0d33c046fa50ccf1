import * as z from 'zod';
import { AwsError } from '#local/gateway/service';
import { matchesPattern } from '../pattern/match.ts';
import { eventPattern } from './fields.ts';
import { checkedPattern, operation } from './operation.ts';

const REQUIRED_FIELDS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

/** TestEventPattern: whether a pattern matches an event, without a rule. */
export const testEventPatternOperation = {
  TestEventPattern: operation({
    input: z.object({ EventPattern: eventPattern, Event: z.string() }),
    resources: () => ['*'],
    run: ({ EventPattern, Event }) => ({
      Result: matchesPattern(checkedPattern(EventPattern), parseEvent(Event)),
    }),
  }),
};

function parseEvent(text: string): unknown {
  const problem = (reason: string) =>
    new AwsError('ValidationException', `Parameter Event is not valid. Reason: ${reason}`);
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch (cause) {
    throw problem(`It is not JSON: ${cause}`);
  }
  const missing = REQUIRED_FIELDS.filter((name) => !Object.hasOwn(Object(event), name));
  if (missing.length > 0) throw problem(`It lacks ${missing.join(', ')}.`);
  return event;
}
