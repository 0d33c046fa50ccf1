import { busNameOf } from '../../cloudformation/resource-types.ts';
import type { LoadedResource } from '../../cloudformation/template.ts';
import type { EventBridge } from '../../eventbridge/index.ts';
import { propertiesOf } from '../properties.ts';
import type { Services } from '../services.ts';

/** `AWS::Events::EventBus` */
export async function createEventBus(resource: LoadedResource, { eventbridge }: Services) {
  const properties = propertiesOf(resource);
  properties.refuse(['EventSourceName', 'Policy']);
  const Description = properties.text('Description');
  await explained(resource, eventbridge.createEventBus({ Name: resource.ref, Description }));
}

/** `AWS::Events::Archive` */
export async function createArchive(resource: LoadedResource, { eventbridge }: Services) {
  const properties = propertiesOf(resource);
  await explained(
    resource,
    eventbridge.createArchive({
      ArchiveName: resource.ref,
      EventSourceArn: properties.requiredText('SourceArn'),
      Description: properties.text('Description'),
      EventPattern: json(properties.object('EventPattern')),
      RetentionDays: properties.number('RetentionDays'),
    }),
  );
}

type TargetsInput = Parameters<EventBridge['putTargets']>[0];

/** `AWS::Events::Rule` with its targets, in the API's spelling, which the template shares. */
export async function putRule(resource: LoadedResource, { eventbridge }: Services) {
  const properties = propertiesOf(resource);
  const EventBusName = busNameOf(properties.text('EventBusName'));
  const Name = resource.ref.split('|').at(-1) as string;
  const State = properties.text('State');
  await explained(
    resource,
    eventbridge.putRule({
      Name,
      EventBusName,
      Description: properties.text('Description'),
      EventPattern: json(properties.object('EventPattern')),
      ScheduleExpression: properties.text('ScheduleExpression'),
      State: State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
    }),
  );
  const Targets = properties.objects('Targets');
  if (Targets.length === 0) return;
  const input = { Rule: Name, EventBusName, Targets } as unknown as TargetsInput;
  await explained(resource, eventbridge.putTargets(input));
}

function json(value: object | undefined): string | undefined {
  return value && JSON.stringify(value);
}

/** EventBridge's own complaints, with the place in the template they are about. */
async function explained<T>(resource: LoadedResource, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw propertiesOf(resource).invalid(error instanceof Error ? error.message : String(error));
  }
}
