import * as z from 'zod';
import { AwsError } from '#local/gateway/service';
import { DEFAULT_BUS } from '../arn.ts';
import type { Bus } from '../state/records.ts';
import { busName, description, namePrefix, pageOf, paging, resourceName } from './fields.ts';
import { operation, type Services } from './operation.ts';

/** CreateEventBus and its kin. A template may create a bus that exists. */
export function busOperations({ arns, registry }: Services) {
  return {
    CreateEventBus: operation({
      input: z.object({ Name: resourceName(256), Description: description }),
      resources: ({ Name }) => [arns.bus(Name)],
      run({ Name, Description }, { fromTemplate }) {
        if (registry.buses.has(Name) && !fromTemplate) {
          throw new AwsError('ResourceAlreadyExistsException', `Event bus ${Name} already exists.`);
        }
        registry.buses.set(Name, {
          name: Name,
          arn: arns.bus(Name),
          description: Description,
          createdSeconds: Math.floor(Date.now() / 1000),
          fromTemplate,
        });
        registry.save();
        return { EventBusArn: arns.bus(Name), Description };
      },
    }),

    DescribeEventBus: operation({
      input: z.object({ Name: busName }),
      resources: ({ Name }) => [arns.bus(Name)],
      run: ({ Name }) => described(registry.bus(Name)),
    }),

    DeleteEventBus: operation({
      input: z.object({ Name: resourceName(256) }),
      resources: ({ Name }) => [arns.bus(Name)],
      run({ Name }) {
        if (Name === DEFAULT_BUS) {
          throw new AwsError('ValidationException', 'Cannot delete event bus default.');
        }
        if (registry.rulesOf(Name).length > 0) {
          throw new AwsError(
            'ValidationException',
            `Event bus ${Name} contains rules; delete them first.`,
          );
        }
        registry.buses.delete(Name);
        registry.save();
        return {};
      },
    }),

    ListEventBuses: operation({
      input: z.object({ NamePrefix: namePrefix, ...paging }),
      resources: () => ['*'],
      run({ NamePrefix = '', ...page }) {
        const matching = [...registry.buses.values()].filter(({ name }) =>
          name.startsWith(NamePrefix),
        );
        const { records, NextToken } = pageOf(matching, page);
        return { EventBuses: records.map(described), NextToken };
      },
    }),
  };
}

function described({ name, arn, description, createdSeconds }: Bus) {
  return { Name: name, Arn: arn, Description: description, CreationTime: createdSeconds };
}
