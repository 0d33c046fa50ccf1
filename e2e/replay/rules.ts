import { DisableRuleCommand, EnableRuleCommand } from '@aws-sdk/client-eventbridge';
import type { Splicebus } from '../harness/splicebus.ts';

/** From now on, what waits for these events gets none. */
export async function disableRule({ clients, stack }: Splicebus, Name: string): Promise<void> {
  await clients.events.send(new DisableRuleCommand({ Name, EventBusName: stack.busName }));
}

export async function enableRule({ clients, stack }: Splicebus, Name: string): Promise<void> {
  await clients.events.send(new EnableRuleCommand({ Name, EventBusName: stack.busName }));
}
